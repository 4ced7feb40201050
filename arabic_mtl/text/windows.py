"""Where to cut texts that are longer than an encoder can read at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from arabic_mtl.text.encoding import NO_WORD
from arabic_mtl.text.offsets import Integers

AT_ONCE = 64
"""Windows in one pass, so that memory does not grow with the text."""

_OVERLAP = 4  # neighbours share a window's fourth part


@dataclass(frozen=True)
class Cuts:
    """Windows over the rows of a batch, and the way back.

    Each window has the row's special tokens round a stretch of its text. A token's hidden state
    comes from the one window in which it is farthest from an end: nothing is lost, and nothing
    counts twice.

    Args:
        row: The row of each window (windows,).
        index: The row's tokens that it reads, -1 for padding (windows, width).
        source: For each token of each row, its place among all windows' tokens (rows, tokens).
    """

    row: Integers
    index: Integers
    source: Integers


class _Stretch(NamedTuple):
    """A window of one row.

    Args:
        tokens: The row's tokens that it reads.
        first: The first of those whose hidden states come from it.
        last: One past the last of those.
        shift: What leads from a token's place in the row to its place in the window.
    """

    tokens: list[int]
    first: int
    last: int
    shift: int


def cut(mask: Integers, words: Integers, longest: int) -> Cuts:
    """Cuts the rows that are longer than ``longest`` tokens.

    Args:
        mask: 1 for tokens, 0 for padding (rows, tokens).
        words: The word of each token (rows, tokens).
        longest: The most tokens of a window.
    """
    lengths = mask.sum(axis=1).tolist()
    stretches = [
        (row, each)
        for row, length in enumerate(lengths)
        for each in _cut(words[row, :length], longest)
    ]
    width = max((len(each.tokens) for _, each in stretches), default=0)
    index = np.full((len(stretches), width), -1, dtype=np.int64)
    source = np.zeros(mask.shape, dtype=np.int64)
    for window, (row, each) in enumerate(stretches):
        index[window, : len(each.tokens)] = each.tokens
        start = window * width + each.shift
        source[row, each.first : each.last] = np.arange(start + each.first, start + each.last)
    return Cuts(np.array([row for row, _ in stretches], dtype=np.int64), index, source)


def _cut(words: Integers, longest: int) -> Iterator[_Stretch]:
    length = len(words)
    inside = np.flatnonzero(words != NO_WORD).tolist()
    if length <= longest or not inside:
        yield _Stretch(list(range(length)), 0, length, 0)
        return
    first, last = inside[0], inside[-1] + 1
    before, behind = range(first), range(last, length)
    room = longest - len(before) - len(behind)
    starts = [*range(first, last - room, room - room // _OVERLAP), last - room]
    middles = [(one + room + other) // 2 for one, other in pairwise(starts)]
    for start, (own, end) in zip(starts, pairwise([0, *middles, length]), strict=True):
        yield _Stretch([*before, *range(start, start + room), *behind], own, end, first - start)
