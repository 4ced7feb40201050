"""How many rows each corpus gives to an epoch, and which."""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
"""One number of rows per corpus."""


def tempered(sizes: Counts, temperature: float) -> NDArray[np.float64]:
    """Shares in proportion to ``size ** (1 / temperature)`` (Devlin et al., 2019; mBERT).

    >>> tempered(np.array([300, 100]), 1.0).round(2).tolist()
    [0.75, 0.25]
    >>> tempered(np.array([300, 100]), float("inf")).round(2).tolist()
    [0.5, 0.5]
    """
    weights = np.where(sizes > 0, (sizes / sizes.max(initial=1)) ** (1 / temperature), 0.0)
    shares: NDArray[np.float64] = weights / max(weights.sum(), np.finfo(float).tiny)
    return shares


def quotas(total: int, shares: NDArray[np.float64]) -> Counts:
    """Whole numbers that add up to the total, each less than one off its share of it.

    >>> quotas(10, np.array([0.5, 0.25, 0.25])).tolist()
    [5, 3, 2]
    """
    exact = total * shares
    whole = np.floor(exact).astype(np.int64)
    left = int(total - whole.sum()) if shares.any() else 0
    whole[np.argsort(whole - exact, kind="stable")[:left]] += 1
    return whole


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


def interleaved(counts: Counts, random: np.random.Generator) -> Counts:
    """A sequence of corpora in which each comes as often as it counts, evenly spread.

    A corpus's n-th turn falls at random into the n-th of as many equal parts of the sequence as
    it has turns, so that any stretch holds about its share.
    """
    corpus = np.repeat(np.arange(len(counts)), counts)
    turn = np.concatenate([np.arange(count) for count in counts])
    place = (turn + random.random(len(turn))) / counts[corpus]
    return corpus[np.argsort(place, kind="stable")]
