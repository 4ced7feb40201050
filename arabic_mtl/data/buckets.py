"""Rows of like length, put together into steps."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Row(NamedTuple):
    """A row of a corpus.

    Args:
        length: In tokens.
        corpus: Its number among the corpora.
        number: Its place in the corpus's table.
    """

    length: int
    corpus: int
    number: int


@dataclass(frozen=True)
class Buckets:
    """Cuts a sequence of rows into steps.

    Args:
        rows: The most rows of a step.
        tokens: The most tokens of a step, padding included; a longer row gets a step of its own.
        pool: Among this many rows, those of like length meet in a step.
        sort: Whether they do; else rows stay in their order.
    """

    rows: int
    tokens: int | None
    pool: int
    sort: bool

    def shuffled(
        self, segments: Sequence[Sequence[Row]], random: np.random.Generator
    ) -> list[list[Row]]:
        """The steps of rows that are in a random order.

        Rows meet, and steps change places, only within a pool: at large the order stays random.
        No row comes twice in a step: its copy waits for the next one. Pools are sorted up and
        down in turn, so that what does not fill a step comes first in the next pool.

        A pool lies within a segment. What does not fill a step at a segment's end is in the next
        step, ahead of others: when the first rows of a segment have come, so have all before it.
        """
        steps: list[list[Row]] = []
        held: list[Row] = []  # left by earlier segments: must be in the next step
        waiting: list[Row] = []  # left by earlier pools of this segment
        pools = self._pools(segments)
        for number, (rows, begins) in enumerate(pools):
            if begins:
                held, waiting = [*held, *waiting], []
            rest = self._sorted([*waiting, *rows], number)
            cut, left = self._cut([*held, *rest], flush=number == len(pools) - 1)
            first = 1 if held else 0  # that step keeps its place
            steps += cut[:first]
            steps += [cut[first + index] for index in random.permutation(len(cut[first:]))]
            held, waiting = (left, []) if held and not cut else ([], left)
        return steps

    def in_order(self, rows: Iterable[Row]) -> list[list[Row]]:
        """The steps of rows that stay in their order."""
        return self._cut(rows, flush=True)[0]

    def _pools(self, segments: Sequence[Sequence[Row]]) -> list[tuple[Sequence[Row], bool]]:
        """The pools of all segments, and whether a segment begins with them."""
        return [
            (segment[start : start + self.pool], start == 0)
            for segment in segments
            for start in range(0, len(segment), self.pool)
        ]

    def _sorted(self, rows: list[Row], pool: int) -> list[Row]:
        return sorted(rows, key=_length, reverse=pool % 2 == 1) if self.sort else rows

    def _cut(self, rows: Iterable[Row], *, flush: bool) -> tuple[list[list[Row]], list[Row]]:
        """Steps from front to end, and what is left: without a flush, what does not fill one."""
        steps, left = [], deque(rows)
        while left:
            steps.append(self._take(left))
        if steps and not flush and self._fits(len(steps[-1]) + 1, max(map(_length, steps[-1]))):
            return steps[:-1], steps[-1]
        return steps, []

    def _take(self, rows: deque[Row]) -> list[Row]:
        """Takes the first rows that fit into a step, each once."""
        step: dict[Row, None] = {}
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
        return rows <= self.rows and (self.tokens is None or rows * longest <= self.tokens)


def _length(row: Row) -> int:
    return row.length
