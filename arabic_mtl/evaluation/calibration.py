"""Do probabilities tell how often a system is right? (Guo et al., 2017)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torchmetrics.functional.classification import binary_calibration_error

from arabic_mtl.decoders.calibration import Calibration, calibrate
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.evaluation.decisions import labelled
from arabic_mtl.tasks import Task

BINS = 15


class Confidences(NamedTuple):
    """Probabilities, and whether what they speak for is so.

    Args:
        values: Between 0 and 1 (items,).
        right: 0 or 1 (items,).
    """

    values: NDArray[np.float64]
    right: NDArray[np.int64]


def confidences(task: Task, name: str, answers: Sequence[Answer]) -> Confidences:
    """Returns the probabilities of a task's decisions (`Task.confidences`).

    Args:
        task: The task.
        name: Its name in the answers.
        answers: Those without gold are passed over.
    """
    found = [
        confidence
        for _, gold, predicted in labelled(name, answers)
        for confidence in task.confidences(gold, predicted)
    ]
    values = np.array([value for value, _ in found], dtype=np.float64)
    return Confidences(values, np.array([right for _, right in found], dtype=np.int64))


def learned(task: Task, name: str, answers: Sequence[Answer]) -> Calibration:
    """Returns the calibration of a task's probabilities.

    Args:
        task: The task.
        name: Its name in the answers.
        answers: For texts that were not trained on.
    """
    given = confidences(task, name, answers)
    return calibrate(given.values, given.right)


def calibration_error(given: Confidences) -> float:
    """The expected calibration error: by how much probabilities are off, on average over items.

    Args:
        given: At least one.
    """
    # torchmetrics would give a probability of 1 a bin of its own.
    values = torch.from_numpy(np.minimum(given.values, np.nextafter(1, 0)))
    right = torch.from_numpy(given.right)
    return float(binary_calibration_error(values, right, n_bins=BINS, norm="l1"))


class Bins(NamedTuple):
    """Items by their probability, in bins of equal width from 0 to 1.

    Args:
        sizes: The items in each bin (bins,).
        confidence: The mean of their probabilities (bins,); nan in empty bins.
        accuracy: The part that is right (bins,); nan in empty bins.
    """

    sizes: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def binned(given: Confidences) -> Bins:
    """Sorts items into bins, those at an edge upwards: the bins of `calibration_error`."""
    edges = torch.linspace(0, 1, BINS + 1, dtype=torch.float64).numpy()
    places = np.minimum(np.digitize(given.values, edges) - 1, BINS - 1)
    sizes = np.bincount(places, minlength=BINS)
    with np.errstate(invalid="ignore"):  # nothing by nothing is nan, which is not drawn
        means = [
            np.bincount(places, weights=of_items, minlength=BINS) / sizes for of_items in given
        ]
    return Bins(sizes, *means)
