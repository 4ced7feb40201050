"""Which labels are taken for which: a picture."""

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
    """Gold labels by found ones: colours are shares of a row, figures are numbers.

    What is found and not gold, and what is gold and not found, stands apart at the bottom and on
    the right, if there is any such.

    Args:
        name: The task's.
        labels: The labels.
        counts: Of `confusion` (labels + 1, labels + 1).
    """
    apart = bool(counts[-1].any() or counts[:, -1].any())
    shown = counts if apart else counts[:-1, :-1]
    shares = shown / np.maximum(shown.sum(axis=1, keepdims=True), 1)
    side = min(max(3.6, 2.4 + 0.28 * len(shown)), 14)
    figure, (axes,) = canvas(f"{name}: gold by found", side, 0.9 * side)
    axes.imshow(shares, cmap=_COLOURS, vmin=0, vmax=1)
    for (row, column), number in np.ndenumerate(shown):
        if number:
            colour = "white" if shares[row, column] > 0.45 else INK
            axes.text(column, row, f"{number}", ha="center", va="center", color=colour)
    _label(axes, "x", [*labels, MISSED] if apart else labels)
    _label(axes, "y", [*labels, SPURIOUS] if apart else labels)
    axes.tick_params(axis="x", rotation=40, rotation_mode="xtick")
    axes.set_xlabel("found")
    axes.set_ylabel("gold")
    axes.spines[:].set_visible(True)
    if apart:
        for line in (axes.axhline, axes.axvline):
            line(len(labels) - 0.5, color=INK, linewidth=0.8)
    return figure


def _label(axes: Axes, axis: str, names: Sequence[str]) -> None:
    setter = axes.set_xticks if axis == "x" else axes.set_yticks
    setter(range(len(names)), names)
    axes.tick_params(axis=axis, length=0)  # type: ignore[arg-type]
