"""Do probabilities tell how often a system is right? (Guo et al., 2017)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torchmetrics.functional.classification import binary_calibration_error

from arabic_mtl.decoders.calibration import Calibration, calibrate
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.evaluation.decisions import Decision, decisions
from arabic_mtl.tasks import MultiLabelClassification, Task

BINS = 15


class Confidences(NamedTuple):
    """Probabilities, and whether what they speak for is so.

    Args:
        values: Between 0 and 1 (items,).
        right: 0 or 1 (items,).
    """

    values: NDArray[np.float64]
    right: NDArray[np.int64]


def confidences(decisions: Sequence[Decision]) -> Confidences:
    """The probability of everything that a system finds."""
    found = [decision for decision in decisions if decision.found is not None]
    values = np.array([d.score for d in found], dtype=np.float64)
    return Confidences(values, np.array([d.is_right for d in found], dtype=np.int64))


def label_confidences(
    task: MultiLabelClassification, name: str, answers: Sequence[Answer]
) -> Confidences:
    """The probability of every label of every text, whether it is found or not.

    Args:
        task: Its labels.
        name: What it is called in the answers.
        answers: Those without gold are passed over.
    """
    labelled = [answer for answer in answers if answer.gold.get(name) is not None]
    values = np.array([answer.probabilities[name] for answer in labelled], dtype=np.float64)
    gold = [{label["label"] for label in answer.gold[name]} for answer in labelled]
    right = [[label in of_text for label in task.labels] for of_text in gold]
    return Confidences(values.flatten(), np.array(right, dtype=np.int64).flatten())


def learned(task: Task, name: str, answers: Sequence[Answer]) -> Calibration:
    """What makes a task's scores say how often they are right.

    Args:
        task: Its kind decides what is scored.
        name: What it is called in the answers.
        answers: To texts that were not learned from.
    """
    if isinstance(task, MultiLabelClassification):
        given = label_confidences(task, name, answers)
    else:
        given = confidences(decisions(task, name, answers))
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
