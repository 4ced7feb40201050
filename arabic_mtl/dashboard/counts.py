"""Decisions counted: gold by found, and how well each label does."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.dashboard.decisions import Decision


def confusion(decisions: Sequence[Decision], labels: Sequence[str]) -> NDArray[np.int64]:
    """How often each label is taken for which.

    Args:
        decisions: What to count.
        labels: All labels.

    Returns:
        Gold by found (labels + 1, labels + 1); the last row is of what is found and not gold,
        the last column of what is gold and not found.
    """
    numbers: dict[str | None, int] = {label: n for n, label in enumerate(labels)}
    numbers[None] = len(labels)
    matrix = np.zeros((len(numbers), len(numbers)), dtype=np.int64)
    for decision in decisions:
        matrix[numbers[decision.gold], numbers[decision.found]] += 1
    return matrix


class LabelScore(NamedTuple):
    """How well a label does.

    Args:
        precision: How much of what is found is gold; 0 where nothing is found.
        recall: How much of what is gold is found; 0 where nothing is gold.
        f1: Their harmonic mean.
        support: How often it is gold.
    """

    precision: float
    recall: float
    f1: float
    support: int


def label_scores(matrix: NDArray[np.int64]) -> list[LabelScore]:
    """The scores of each label.

    Args:
        matrix: Of `confusion`.
    """
    right = matrix.diagonal()[:-1]
    found, gold = matrix.sum(axis=0)[:-1], matrix.sum(axis=1)[:-1]
    parts = right / np.maximum(found, 1), right / np.maximum(gold, 1)
    f1 = 2 * right / np.maximum(found + gold, 1)
    columns = (*(part.tolist() for part in parts), f1.tolist(), gold.tolist())
    return [LabelScore(*row) for row in zip(*columns, strict=True)]
