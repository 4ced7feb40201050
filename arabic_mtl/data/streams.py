"""Streams of shuffled passes over corpora, merged in proportion to their sizes."""

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import TypeVar

import numpy as np

from arabic_mtl.data.shares import Counts

T = TypeVar("T")


def passes(size: int, start: int, count: int, seed: list[int]) -> list[Counts]:
    """Returns a section of an endless stream of passes over a corpus, each in its own random order.

    Args:
        size: Number of rows of the corpus.
        start: Number of rows of the stream that were read before.
        count: Number of rows to read.
        seed: Seed of the orders; each pass adds its index.

    Returns:
        The indices of the rows, in one array per pass.
    """
    end, parts = start + count, []
    for number in range(start // size, -(-end // size)) if count else ():
        order = np.random.default_rng([*seed, number]).permutation(size)
        parts.append(order[max(start - number * size, 0) : end - number * size])
    return parts


def segment(corpora: Sequence[Sequence[Sequence[T]]], random: np.random.Generator) -> list[list[T]]:
    """Returns the rows of all corpora, merged evenly, and cut between passes over a corpus.

    Args:
        corpora: Per corpus, its rows in one list per pass.
        random: Chooses the order of the corpora.

    Returns:
        The smallest number of segments such that none has rows of two passes over one corpus.
    """
    streams = [list(chain.from_iterable(parts)) for parts in corpora]
    order = interleave(_counts(streams), random)
    rows = _take_turns(streams, order)
    bounds = [0, *_cuts(corpora, order), len(rows)]
    return [rows[start:end] for start, end in pairwise(bounds)]


def merge(corpora: Sequence[Sequence[T]], random: np.random.Generator | None = None) -> list[T]:
    """Returns the items of all corpora, merged evenly; a corpus's items keep their order."""
    return _take_turns(corpora, interleave(_counts(corpora), random))


def interleave(counts: Counts, random: np.random.Generator | None = None) -> Counts:
    """Returns a sequence of corpora in which each has its number of turns, evenly spread.

    The sequence is divided, for each corpus, into as many equal sections as the corpus has turns.
    Its n-th turn is in the n-th section: at a random point with ``random``, else at the start.

    Args:
        counts: Number of turns of each corpus (corpora,).
        random: Chooses the points; None for a fixed sequence.

    Returns:
        Indices of corpora (sum of counts,).

    >>> interleave(np.array([4, 2])).tolist()
    [0, 1, 0, 0, 1, 0]
    """
    corpus = np.repeat(np.arange(len(counts)), counts)
    turn = np.concatenate([np.arange(count) for count in counts])
    within = random.random(len(turn)) if random else 0.0
    point = (turn + within) / counts[corpus]
    return corpus[np.argsort(point, kind="stable")]


def _counts(corpora: Sequence[Sequence[T]]) -> Counts:
    """Returns the number of items of each corpus (corpora,)."""
    return np.array([len(items) for items in corpora], dtype=np.int64)


def _take_turns(corpora: Sequence[Sequence[T]], order: Counts) -> list[T]:
    """Returns the next item of a corpus at each of its turns."""
    streams = [iter(items) for items in corpora]
    return [next(streams[corpus]) for corpus in order.tolist()]


def _cuts(corpora: Sequence[Sequence[Sequence[T]]], order: Counts) -> list[int]:
    """Returns the starts of all segments but the first.

    A cut separates two passes over a corpus if it lies after the last row of the one and before
    the first row of the other. Each cut is as late as possible, so that it separates passes over
    several corpora.
    """
    gaps: list[tuple[int, int]] = []
    for corpus, parts in enumerate(corpora):
        positions = np.flatnonzero(order == corpus)
        firsts = np.cumsum([len(part) for part in parts], dtype=np.int64)[:-1]
        gaps += zip(positions[firsts].tolist(), positions[firsts - 1].tolist(), strict=True)
    cuts: list[int] = []
    for first, last in sorted(gaps):
        if not cuts or cuts[-1] <= last:
            cuts.append(first)
    return cuts
