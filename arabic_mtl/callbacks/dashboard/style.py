"""The common style of all figures, readable at the size of TensorBoard's cards."""

from typing import Any, Literal

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, PALE = "#1d3557", "#d8dee6"
BLUE, PALE_BLUE = "#3a7ca5", "#a9cce3"
ORANGE, GREEN, PURPLE = "#ee8434", "#5b9279", "#7b6d8d"

UNIT_TICKS = (0, 0.25, 0.5, 0.75, 1)
"""The ticks of an axis from 0 to 1."""

_STYLE: Any = {
    "text.parse_math": False,  # a label may hold dollar signs
    "font.size": 9,
    "text.color": INK,
    "figure.titlesize": 10,
    "figure.titleweight": "bold",
    "axes.edgecolor": PALE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "xtick.color": PALE,
    "ytick.color": PALE,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.markeredgecolor": "white",
    "legend.edgecolor": "white",
    "legend.framealpha": 0.9,
    "legend.title_fontsize": 8,
    "figure.constrained_layout.w_pad": 0.1,
    "figure.constrained_layout.h_pad": 0.1,
    "legend.fontsize": 8,
}

styled = rc_context(_STYLE)
"""Decorates functions that build or render a figure; the style holds inside them alone."""


def canvas(
    title: str, width: float, height: float, rows: tuple[int, ...] = (1,)
) -> tuple[Figure, list[Axes]]:
    """Returns an empty figure and its axes, independent of any window system.

    Args:
        title: The title above the figure.
        width: The width in inches of 110 pixels.
        height: The height in inches of 110 pixels.
        rows: The relative heights of the axes, from top to bottom. They share the x axis.
    """
    figure = Figure(figsize=(width, height), dpi=110, layout="constrained")
    figure.suptitle(title, x=0.02, horizontalalignment="left")
    axes = figure.subplots(
        len(rows), sharex=True, squeeze=False, gridspec_kw={"height_ratios": rows}
    )
    return figure, list(axes[:, 0])


def grid(axes: Axes, axis: Literal["both", "x", "y"] = "both") -> None:
    """Draws grid lines in place of the ticks."""
    axes.grid(visible=True, axis=axis)
    axes.tick_params(length=0)
