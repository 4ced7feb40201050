"""Calibration of a system's probabilities, and their calibration error (Guo et al., 2017)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torchmetrics.functional.classification import binary_calibration_error

from arabic_mtl.decoders.calibration import Calibration, calibrate
from arabic_mtl.evaluation.decisions import labelled
from arabic_mtl.evaluation.predicted import PredictedExample
from arabic_mtl.tasks import Task

BINS = 15


class Confidences(NamedTuple):
    """The probabilities of decisions, and whether the decisions are correct.

    Args:
        values: The probabilities, between 0 and 1 (items,).
        correct: 1 for a correct decision, else 0 (items,).
    """

    values: NDArray[np.float64]
    correct: NDArray[np.int64]


def confidences(task: Task, name: str, examples: Sequence[PredictedExample]) -> Confidences:
    """Returns the probabilities of a task's decisions (`Task.confidences`).

    Args:
        task: The task.
        name: The task's name in the examples.
        examples: The system's predictions; examples without gold labels are ignored.
    """
    pairs = [
        pair
        for _, gold, predicted in labelled(name, examples)
        for pair in task.confidences(gold, predicted)
    ]
    values = np.array([value for value, _ in pairs], dtype=np.float64)
    return Confidences(values, np.array([correct for _, correct in pairs], dtype=np.int64))


def learn_calibration(task: Task, name: str, examples: Sequence[PredictedExample]) -> Calibration:
    """Fits the calibration of a task's probabilities.

    Args:
        task: The task.
        name: The task's name in the examples.
        examples: Predictions for texts that the system was not trained on.
    """
    items = confidences(task, name, examples)
    return calibrate(items.values, items.correct)


def calibration_error(items: Confidences) -> float:
    """Returns the expected calibration error, over `BINS` bins.

    It is the mean over items of the difference between a bin's mean probability and its accuracy.

    Args:
        items: The probabilities, at least one.
    """
    # torchmetrics would put a probability of 1 into an extra bin.
    values = torch.from_numpy(np.minimum(items.values, np.nextafter(1, 0)))
    correct = torch.from_numpy(items.correct)
    return float(binary_calibration_error(values, correct, n_bins=BINS, norm="l1"))


class Bins(NamedTuple):
    """Decisions grouped by probability, in bins of equal width from 0 to 1.

    Args:
        sizes: The number of decisions in each bin (bins,).
        confidence: The mean of their probabilities (bins,); nan in empty bins.
        accuracy: The share of correct decisions (bins,); nan in empty bins.
    """

    sizes: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def bin_confidences(items: Confidences) -> Bins:
    """Groups decisions into the bins of `calibration_error`; an edge belongs to the bin above."""
    edges = torch.linspace(0, 1, BINS + 1, dtype=torch.float64).numpy()
    indices = np.minimum(np.digitize(items.values, edges) - 1, BINS - 1)
    sizes = np.bincount(indices, minlength=BINS)
    with np.errstate(invalid="ignore"):  # 0 / 0 is nan, which is not drawn
        means = [np.bincount(indices, weights=column, minlength=BINS) / sizes for column in items]
    return Bins(sizes, *means)
