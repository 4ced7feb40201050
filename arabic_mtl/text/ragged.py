"""Rows of different lengths, end to end in one array."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Column = Sequence[int] | Integers


class Ragged:
    """Rows of integers in several columns.

    Args:
        values: All rows, one after the other (columns, length).
        bounds: Where each row begins, and where the last one ends (rows + 1,).
    """

    def __init__(self, values: Integers, bounds: Integers) -> None:
        self.values, self.bounds = values, bounds

    @classmethod
    def of(cls, columns: Sequence[Column], counts: Column) -> Self:
        """Rows of so many values each."""
        values = np.asarray(columns, dtype=np.int64).reshape(len(columns), -1)
        return cls(values, np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]))

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __add__(self, other: Self) -> Self:
        """These rows, then the others."""
        bounds = np.concatenate([self.bounds, self.bounds[-1] + other.bounds[1:]])
        return type(self)(np.concatenate([self.values, other.values], axis=1), bounds)

    def take(self, rows: Integers) -> tuple[Integers, Integers]:
        """Some rows, end to end (columns, length), and how long each is."""
        counts = self.bounds[rows + 1] - self.bounds[rows]
        shift = self.bounds[rows] - (np.cumsum(counts) - counts)
        return self.values[:, np.repeat(shift, counts) + np.arange(counts.sum())], counts
