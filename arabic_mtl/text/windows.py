"""Overlapping windows over texts that are longer than an encoder's maximum input length."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from arabic_mtl.text.encoding import NO_WORD
from arabic_mtl.text.ragged import Integers

WINDOWS_PER_PASS = 64
"""Windows per forward pass, so that memory does not grow with the length of a text."""

_OVERLAP = 4  # neighbouring windows share a quarter of their tokens


@dataclass(frozen=True)
class Cuts:
    """Windows over the rows of a batch, and the index that reassembles the rows.

    Each window contains a segment of a row's text between the row's special tokens. The hidden
    state of a token comes from the window in which the token is farthest from an end, so that every
    token has exactly one hidden state.

    Args:
        row: The row of each window (windows,).
        index: The position in the row of each window's tokens, -1 for padding (windows, width).
        source: For each token of each row, its index in the flattened windows (rows, tokens).
    """

    row: Integers
    index: Integers
    source: Integers


class _Window(NamedTuple):
    """A window of one row.

    Args:
        tokens: The positions in the row of the window's tokens.
        first: The first position whose hidden state comes from this window.
        last: One past the last such position.
        shift: Added to a position in the row, gives the position in the window.
    """

    tokens: list[int]
    first: int
    last: int
    shift: int


def cut(mask: Integers, word_ids: Integers, longest: int) -> Cuts:
    """Cuts rows of more than ``longest`` tokens into windows; shorter rows are one window.

    Args:
        mask: 1 for tokens, 0 for padding (rows, tokens).
        word_ids: The word index of each token (rows, tokens).
        longest: The largest number of tokens of a window.
    """
    lengths = mask.sum(axis=1).tolist()
    windows = [
        (row, window)
        for row, length in enumerate(lengths)
        for window in _cut_row(word_ids[row, :length], longest)
    ]
    width = max((len(window.tokens) for _, window in windows), default=0)
    index = np.full((len(windows), width), -1, dtype=np.int64)
    source = np.zeros(mask.shape, dtype=np.int64)
    for number, (row, window) in enumerate(windows):
        index[number, : len(window.tokens)] = window.tokens
        start = number * width + window.shift
        kept = slice(window.first, window.last)
        source[row, kept] = np.arange(start + window.first, start + window.last)
    return Cuts(np.array([row for row, _ in windows], dtype=np.int64), index, source)


def _cut_row(word_ids: Integers, longest: int) -> Iterator[_Window]:
    """Yields the windows of a row without padding, given the word index of each token."""
    length = len(word_ids)
    inside = np.flatnonzero(word_ids != NO_WORD).tolist()
    if length <= longest or not inside:
        yield _Window(list(range(length)), 0, length, 0)
        return
    first, last = inside[0], inside[-1] + 1
    prefix, suffix = range(first), range(last, length)
    room = longest - len(prefix) - len(suffix)
    starts = [*range(first, last - room, room - room // _OVERLAP), last - room]
    middles = [(start + room + following) // 2 for start, following in pairwise(starts)]
    for start, (left, right) in zip(starts, pairwise([0, *middles, length]), strict=True):
        yield _Window([*prefix, *range(start, start + room), *suffix], left, right, first - start)
