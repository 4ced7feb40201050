"""The rows that corpora give to an epoch, in the order of their passes."""

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import TypeVar

import numpy as np

from arabic_mtl.data.shares import Counts

T = TypeVar("T")


def passes(size: int, start: int, count: int, seed: list[int]) -> list[Counts]:
    """Some rows of an endless stream of passes over a corpus, each pass in an order of its own.

    Args:
        size: The rows of the corpus.
        start: How many rows of the stream were read before.
        count: How many to read now.
        seed: Decides the orders, together with a pass's number.

    Returns:
        The rows, in a piece for each pass that they come from.
    """
    end, pieces = start + count, []
    for number in range(start // size, -(-end // size)) if count else ():
        order = np.random.default_rng([*seed, number]).permutation(size)
        pieces.append(order[max(start - number * size, 0) : end - number * size])
    return pieces


def segments(
    corpora: Sequence[Sequence[Sequence[T]]], random: np.random.Generator
) -> list[list[T]]:
    """The rows of all corpora, evenly spread, parted where a corpus's next pass would begin.

    Args:
        corpora: The rows of each, in a piece for each pass that they come from.
        random: Spreads the corpora.

    Returns:
        As few segments as can be, none with rows of two passes over one corpus.
    """
    whole = [list(chain.from_iterable(pieces)) for pieces in corpora]
    order = interleaved(_counts(whole), random)
    rows = _merged(whole, order)
    bounds = [0, *_cuts(corpora, order), len(rows)]
    return [rows[start:end] for start, end in pairwise(bounds)]


def merged(corpora: Sequence[Sequence[T]], random: np.random.Generator | None = None) -> list[T]:
    """What the corpora give, evenly spread, each corpus's in its order."""
    return _merged(corpora, interleaved(_counts(corpora), random))


def interleaved(counts: Counts, random: np.random.Generator | None = None) -> Counts:
    """A sequence of corpora in which each comes as often as it counts, evenly spread.

    A corpus's n-th turn falls into the n-th of as many equal parts of the sequence as it has
    turns, so that any stretch holds about its share: somewhere in it at random, or at its front.

    >>> interleaved(np.array([4, 2])).tolist()
    [0, 1, 0, 0, 1, 0]
    """
    corpus = np.repeat(np.arange(len(counts)), counts)
    turn = np.concatenate([np.arange(count) for count in counts])
    within = random.random(len(turn)) if random else 0.0
    place = (turn + within) / counts[corpus]
    return corpus[np.argsort(place, kind="stable")]


def _counts(corpora: Sequence[Sequence[T]]) -> Counts:
    return np.array([len(of_corpus) for of_corpus in corpora], dtype=np.int64)


def _merged(corpora: Sequence[Sequence[T]], order: Counts) -> list[T]:
    turns = [iter(of_corpus) for of_corpus in corpora]
    return [next(turns[corpus]) for corpus in order.tolist()]


def _cuts(corpora: Sequence[Sequence[Sequence[T]]], order: Counts) -> list[int]:
    """Where all segments but the first begin: as late as can be, which parts other passes, too.

    Two passes over a corpus are parted anywhere from behind the last row of the one to before the
    first row of the other.
    """
    gaps: list[tuple[int, int]] = []
    for corpus, pieces in enumerate(corpora):
        places = np.flatnonzero(order == corpus)
        firsts = np.cumsum([len(piece) for piece in pieces], dtype=np.int64)[:-1]
        gaps += zip(places[firsts].tolist(), places[firsts - 1].tolist(), strict=True)
    cuts: list[int] = []
    for first, last in sorted(gaps):
        if not cuts or cuts[-1] <= last:
            cuts.append(first)
    return cuts
