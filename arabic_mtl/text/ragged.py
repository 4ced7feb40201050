"""Arrays of integers, and ragged arrays: rows of different lengths in one flat array."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Column = Sequence[int] | Integers


class Ragged:
    """An immutable ragged array: rows of different lengths, each with several integer columns.

    Args:
        values: All rows, one after the other (columns, total length).
        bounds: The start of each row, and the end of the last one (rows + 1,).
    """

    def __init__(self, values: Integers, bounds: Integers) -> None:
        self.values, self.bounds = values, bounds

    @classmethod
    def from_counts(cls, columns: Sequence[Column], counts: Column) -> Self:
        """Creates the array from concatenated columns and the length of each row."""
        values = np.asarray(columns, dtype=np.int64).reshape(len(columns), -1)
        return cls(values, bounds_of(counts))

    @classmethod
    def concatenate(cls, arrays: Sequence[Self]) -> Self:
        """Returns the rows of all arrays, of which there must be at least one."""
        counts = np.concatenate([array.counts for array in arrays])
        return cls(np.concatenate([array.values for array in arrays], axis=1), bounds_of(counts))

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @property
    def counts(self) -> Integers:
        """Returns the length of each row (rows,)."""
        return np.diff(self.bounds)

    def take(self, rows: Integers) -> Self:
        """Returns a copy of selected rows."""
        counts = self.bounds[rows + 1] - self.bounds[rows]
        bounds = bounds_of(counts)
        index = np.arange(bounds[-1]) + np.repeat(self.bounds[rows] - bounds[:-1], counts)
        return type(self)(self.values[:, index], bounds)

    def join(self, bounds: Integers) -> Self:
        """Returns longer rows, each of which joins consecutive rows of this array.

        Args:
            bounds: The first row of each longer row, and the number of rows (longer rows + 1,).
        """
        return type(self)(self.values, self.bounds[bounds])


def bounds_of(counts: Column) -> Integers:
    """Returns the start of each row, and the end of the last one, from the length of each row."""
    bounds = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=bounds[1:])
    return bounds
