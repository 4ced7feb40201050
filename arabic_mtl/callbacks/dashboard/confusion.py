"""The figure of a confusion matrix."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from arabic_mtl.callbacks.dashboard.style import BLUE, INK, canvas

MISSED, SPURIOUS = "missed", "spurious"
_COLOURS = LinearSegmentedColormap.from_list("shares", ["#ffffff", BLUE, INK])


def confusion_picture(name: str, labels: Sequence[str], counts: NDArray[np.int64]) -> Figure:
    """Draws gold labels (rows) by predicted labels (columns).

    Each cell shows a count; its colour is the count's share of the row. Spurious predictions are
    an extra row at the bottom and missed gold items an extra column on the right, if there are
    any.

    Args:
        name: The task's name.
        labels: The labels.
        counts: The matrix that `confusion` returns (labels + 1, labels + 1).
    """
    has_unpaired = bool(counts[-1].any() or counts[:, -1].any())
    matrix = counts if has_unpaired else counts[:-1, :-1]
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    side = min(max(3.6, 2.4 + 0.28 * len(matrix)), 14)
    figure, (axes,) = canvas(f"{name}: gold by predicted", side, 0.9 * side)
    axes.imshow(shares, cmap=_COLOURS, vmin=0, vmax=1)
    for (row, column), number in np.ndenumerate(matrix):
        if number:
            colour = "white" if shares[row, column] > 0.45 else INK
            axes.text(column, row, f"{number}", ha="center", va="center", color=colour)
    _label_ticks(axes, "x", [*labels, MISSED] if has_unpaired else labels)
    _label_ticks(axes, "y", [*labels, SPURIOUS] if has_unpaired else labels)
    axes.tick_params(axis="x", rotation=40, rotation_mode="xtick")
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold")
    axes.spines[:].set_visible(True)
    if has_unpaired:
        for draw_line in (axes.axhline, axes.axvline):
            draw_line(len(labels) - 0.5, color=INK, linewidth=0.8)
    return figure


def _label_ticks(axes: Axes, axis: str, names: Sequence[str]) -> None:
    setter = axes.set_xticks if axis == "x" else axes.set_yticks
    setter(range(len(names)), names)
    axes.tick_params(axis=axis, length=0)  # type: ignore[arg-type]
