"""What all pictures look like: made to be read at the size of TensorBoard's cards."""

from typing import Any, Literal

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, PALE = "#1d3557", "#d8dee6"
BLUE, ORANGE, GREEN, RED, PURPLE = "#3a7ca5", "#ee8434", "#5b9279", "#c8553d", "#7b6d8d"

_STYLE: Any = {
    "text.parse_math": False,  # a label may hold dollar signs
    "font.size": 9,
    "text.color": INK,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
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
    "legend.frameon": False,
    "legend.fontsize": 8,
}

styled = rc_context(_STYLE)
"""Decorates what makes or draws a picture: only then do the settings hold."""


def canvas(width: float, height: float, rows: tuple[int, ...] = (1,)) -> tuple[Figure, list[Axes]]:
    """An empty figure, of no window system.

    Args:
        width: In inches of 110 pixels.
        height: In the same.
        rows: The relative heights of its axes, from top to bottom, which share their x axis.
    """
    figure = Figure(figsize=(width, height), dpi=110, layout="constrained")
    axes = figure.subplots(
        len(rows), sharex=True, squeeze=False, gridspec_kw={"height_ratios": rows}
    )
    return figure, list(axes[:, 0])


def grid(axes: Axes, axis: Literal["both", "x", "y"] = "both") -> None:
    """Lines at the ticks, instead of the ticks."""
    axes.grid(visible=True, axis=axis)
    axes.tick_params(length=0)
