"""The figure of precision-recall curves."""

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
    PURPLE,
    UNIT_TICKS,
    canvas,
    grid,
)
from arabic_mtl.evaluation.calibration import Confidences

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE)  # one for each of the most frequent labels


def curves_picture(
    name: str, labels: Sequence[str], threshold: float, items: Confidences
) -> Figure:
    """Draws the precision-recall curves of all labels together and of the most frequent labels.

    A dot marks the threshold on the curve of all labels. Pale lines connect points of equal F1.

    Args:
        name: The task's name.
        labels: The labels.
        threshold: The probability from which a label is predicted.
        items: The probabilities of every label for every text (texts · labels,).
    """
    columns = len(labels)
    values, gold = items.values.reshape(-1, columns), items.correct.reshape(-1, columns)
    figure, (axes,) = canvas(f"{name}: precision and recall", 4.8, 4.8)
    _equal_f1(axes)
    support = gold.sum(axis=0)
    frequent = np.argsort(-support, kind="stable")[: len(_COLOURS)]
    for column, colour in zip(frequent.tolist(), _COLOURS, strict=False):
        if support[column]:
            _draw_curve(axes, labels[column], values[:, column], gold[:, column], colour, 1.2)
    _draw_curve(axes, "all labels", items.values, items.correct, INK, 2.2)
    predicted = items.values >= threshold
    if predicted.any() and items.correct.any():
        hits = items.correct[predicted].sum()
        axes.plot(hits / items.correct.sum(), hits / predicted.sum(), "o", color=INK, markersize=7)
    axes.set(xlim=(0, 1.01), ylim=(0, 1.01), xlabel="recall", ylabel="precision")
    axes.set(xticks=UNIT_TICKS, yticks=UNIT_TICKS)
    axes.legend(loc="lower left", title="average precision", alignment="left")
    grid(axes)
    return figure


def _draw_curve(
    axes: Axes,
    label: str,
    values: NDArray[np.float64],
    gold: NDArray[np.int64],
    colour: str,
    width: float,
) -> None:
    scores, targets = torch.from_numpy(values), torch.from_numpy(gold)
    precision, recall, _ = binary_precision_recall_curve(scores, targets)
    area = float(binary_average_precision(scores, targets))
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
