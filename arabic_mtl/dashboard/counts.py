"""Decisions counted: gold by found."""

from collections.abc import Sequence

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
