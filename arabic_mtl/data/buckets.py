"""Batching by length: cuts sequences of rows into steps with little padding."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class RowLength(NamedTuple):
    """A row of a corpus and its length.

    Args:
        length: Number of tokens.
        corpus: Index of the corpus.
        number: Index of the row in the corpus's table.
    """

    length: int
    corpus: int
    number: int


@dataclass(frozen=True)
class Buckets:
    """Cuts a sequence of rows into steps of limited size.

    Args:
        rows: Maximum number of rows per step.
        tokens: Maximum number of tokens per step, padding included; None for no limit. A longer
            row gets a step of its own.
        pool: Number of consecutive rows that are sorted by length together.
        sort: Whether rows are sorted by length within a pool; otherwise they keep their order.
    """

    rows: int
    tokens: int | None
    pool: int
    sort: bool

    def shuffled_steps(
        self, segments: Sequence[Sequence[RowLength]], random: np.random.Generator
    ) -> list[list[RowLength]]:
        """Returns the steps of rows whose order is random.

        Rows are sorted, and steps are shuffled, only within a pool, so that the order stays random
        beyond a pool. A step never contains a row twice: a copy waits for the next step. Pools are
        sorted in ascending and descending order in turn, so that the rows that do not fill a step
        open the next pool.

        A pool never crosses the border of a segment. The rows that do not fill a step at the end
        of a segment are in the next step, before any other row. So no row of a segment is used
        before all rows of the earlier segments are.

        Args:
            segments: The rows, in random order, cut into segments.
            random: Shuffles the steps of a pool.
        """
        steps: list[list[RowLength]] = []
        held: list[RowLength] = []  # left over by earlier segments: must be in the next step
        waiting: list[RowLength] = []  # left over by earlier pools of this segment
        pools = self._pools(segments)
        for number, (rows, begins) in enumerate(pools):
            if begins:
                held, waiting = [*held, *waiting], []
            rest = self._sort([*waiting, *rows], number)
            cut, left = self._cut([*held, *rest], flush=number == len(pools) - 1)
            first = 1 if held else 0  # the step with the held rows is not shuffled
            steps += cut[:first]
            steps += [cut[first + index] for index in random.permutation(len(cut[first:]))]
            held, waiting = (left, []) if held and not cut else ([], left)
        return steps

    def ordered_steps(self, rows: Iterable[RowLength]) -> list[list[RowLength]]:
        """Returns the steps of rows that keep their order."""
        return self._cut(rows, flush=True)[0]

    def _pools(
        self, segments: Sequence[Sequence[RowLength]]
    ) -> list[tuple[Sequence[RowLength], bool]]:
        """Returns the pools of all segments, each with whether it is the first of its segment."""
        return [
            (segment[start : start + self.pool], start == 0)
            for segment in segments
            for start in range(0, len(segment), self.pool)
        ]

    def _sort(self, rows: list[RowLength], pool: int) -> list[RowLength]:
        """Returns the rows of a pool by length, descending in every second pool."""
        return sorted(rows, key=_length, reverse=pool % 2 == 1) if self.sort else rows

    def _cut(
        self, rows: Iterable[RowLength], *, flush: bool
    ) -> tuple[list[list[RowLength]], list[RowLength]]:
        """Returns steps and the rows left over.

        Args:
            rows: The rows, in order.
            flush: Whether the last step may be smaller than the limits allow; otherwise its rows
                are left over.
        """
        steps, left = [], deque(rows)
        while left:
            steps.append(self._take(left))
        if steps and not flush and self._fits(len(steps[-1]) + 1, max(map(_length, steps[-1]))):
            return steps[:-1], steps[-1]
        return steps, []

    def _take(self, rows: deque[RowLength]) -> list[RowLength]:
        """Removes the first rows that fit into a step, without duplicates, and returns them."""
        step: dict[RowLength, None] = {}
        copies, longest = [], 0
        while rows:
            row = rows.popleft()
            longest = max(longest, row.length)
            if row in step:
                copies.append(row)
            elif step and not self._fits(len(step) + 1, longest):
                rows.appendleft(row)
                break
            else:
                step[row] = None
        rows.extendleft(reversed(copies))
        return list(step)

    def _fits(self, rows: int, longest: int) -> bool:
        """Returns whether a step may have so many rows, padded to the longest."""
        return rows <= self.rows and (self.tokens is None or rows * longest <= self.tokens)


def _length(row: RowLength) -> int:
    """Returns the number of tokens of a row."""
    return row.length
