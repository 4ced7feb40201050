"""What all pictures look like: made to be read at the size of TensorBoard's cards."""

from typing import Any, Literal

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, PALE = "#1d3557", "#d8dee6"
BLUE, PALE_BLUE = "#3a7ca5", "#a9cce3"
ORANGE, GREEN, PURPLE = "#ee8434", "#5b9279", "#7b6d8d"

PARTS = (0, 0.25, 0.5, 0.75, 1)
"""The ticks of what goes from 0 to 1."""

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
"""Decorates what makes or draws a picture: only then do the settings hold."""


def canvas(
    title: str, width: float, height: float, rows: tuple[int, ...] = (1,)
) -> tuple[Figure, list[Axes]]:
    """An empty figure, of no window system.

    Args:
        title: What stands above it.
        width: In inches of 110 pixels.
        height: In the same.
        rows: The relative heights of its axes, from top to bottom, which share their x axis.
    """
    figure = Figure(figsize=(width, height), dpi=110, layout="constrained")
    figure.suptitle(title, x=0.02, horizontalalignment="left")
    axes = figure.subplots(
        len(rows), sharex=True, squeeze=False, gridspec_kw={"height_ratios": rows}
    )
    return figure, list(axes[:, 0])


def grid(axes: Axes, axis: Literal["both", "x", "y"] = "both") -> None:
    """Lines at the ticks, instead of the ticks."""
    axes.grid(visible=True, axis=axis)
    axes.tick_params(length=0)
