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

    def shuffled(self, rows: Sequence[Row], random: np.random.Generator) -> list[list[Row]]:
        """The steps of rows that are in a random order.

        Rows meet, and steps change places, only within a pool: at large the order stays random.
        No row comes twice in a step: its copy waits for the next one. Pools are sorted up and
        down in turn, so that what does not fill a step comes first in the next pool.
        """
        steps: list[list[Row]] = []
        waiting: deque[Row] = deque()
        for number, start in enumerate(range(0, len(rows), self.pool)):
            end = start + self.pool
            waiting.extend(rows[start:end])
            if self.sort:
                waiting = deque(sorted(waiting, key=_length, reverse=number % 2 == 1))
            cut = self._cut(waiting, flush=end >= len(rows))
            steps += [cut[index] for index in random.permutation(len(cut))]
        return steps

    def in_order(self, rows: Iterable[Row]) -> list[list[Row]]:
        """The steps of rows that stay in their order."""
        return self._cut(deque(rows), flush=True)

    def _cut(self, rows: deque[Row], *, flush: bool) -> list[list[Row]]:
        """Takes steps from the front; without a flush, leaves what does not fill one."""
        steps = []
        while rows:
            steps.append(self._take(rows))
        if steps and not flush and self._fits(len(steps[-1]) + 1, max(map(_length, steps[-1]))):
            rows.extend(steps.pop())
        return steps

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
