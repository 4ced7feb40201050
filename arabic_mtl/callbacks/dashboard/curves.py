"""Precision and recall at all thresholds: a picture."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torchmetrics.functional.classification import (
    binary_average_precision,
    binary_precision_recall_curve,
)

from arabic_mtl.callbacks.dashboard.style import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE,
    PARTS,
    PURPLE,
    canvas,
    grid,
)
from arabic_mtl.evaluation.calibration import Confidences

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE)  # of as many labels


def curves_picture(name: str, names: Sequence[str], threshold: float, given: Confidences) -> Figure:
    """One curve over all decisions, a dot where the threshold is, and the most frequent labels'.

    Pale lines join what has the same F1.

    Args:
        name: The task's.
        names: The labels.
        threshold: A label whose probability reaches it is predicted.
        given: Of every label of every text.
    """
    labels = len(names)
    values, right = given.values.reshape(-1, labels), given.right.reshape(-1, labels)
    figure, (axes,) = canvas(f"{name}: precision and recall", 4.8, 4.8)
    _equal_f1(axes)
    support = right.sum(axis=0)
    commonest = np.argsort(-support, kind="stable")[: len(_COLOURS)]
    for column, colour in zip(commonest.tolist(), _COLOURS, strict=False):
        if support[column]:
            _curve(axes, names[column], values[:, column], right[:, column], colour, 1.2)
    _curve(axes, "all labels", given.values, given.right, INK, 2.2)
    found = given.values >= threshold
    if found.any() and given.right.any():
        hits = given.right[found].sum()
        axes.plot(hits / given.right.sum(), hits / found.sum(), "o", color=INK, markersize=7)
    axes.set(xlim=(0, 1.01), ylim=(0, 1.01), xlabel="recall", ylabel="precision")
    axes.set(xticks=PARTS, yticks=PARTS)
    axes.legend(loc="lower left", title="average precision", alignment="left")
    grid(axes)
    return figure


def _curve(
    axes: Axes,
    label: str,
    values: NDArray[np.float64],
    right: NDArray[np.int64],
    colour: str,
    width: float,
) -> None:
    scores, gold = torch.from_numpy(values), torch.from_numpy(right)
    precision, recall, _ = binary_precision_recall_curve(scores, gold)
    area = float(binary_average_precision(scores, gold))
    axes.plot(
        recall.numpy(),
        precision.numpy(),
        color=colour,
        linewidth=width,
        drawstyle="steps-post",
        label=f"{label}  {area:.2f}",
    )


def _equal_f1(axes: Axes) -> None:
    for f1 in (0.2, 0.4, 0.6, 0.8):
        recall = np.linspace(f1 / (2 - f1), 1, 50)
        axes.plot(recall, f1 * recall / (2 * recall - f1), color=PALE, linewidth=1)
        axes.text(f1 / (2 - f1), 1.02, f"F1 {f1}", ha="center", fontsize=7)
