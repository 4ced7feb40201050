"""Whether one system is better than another, or only luckier with its texts."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.tasks.metrics import Floats

Value = Callable[[Floats], Floats]
"""Sums of a metric to its value: (…, *shape) → (…)."""

_ROUNDS = 2000
_CHUNK = 250  # rounds at a time: memory stays flat


class Difference(NamedTuple):
    """One system's score minus another's.

    Args:
        value: The difference of their means over seeds.
        low: The lower end of its 95 % interval.
        high: The upper end.
        p: How likely a difference of this size is if the systems were alike.
    """

    value: float
    low: float
    high: float
    p: float


def difference(one: Floats, other: Floats, metric: Value, seed: int = 0) -> Difference:
    """Compares two systems on the same texts.

    The interval is of the paired bootstrap over texts (Efron and Tibshirani, 1993), p of
    approximate randomisation, by which texts change sides (Noreen, 1989), all seeds of a text
    together. It speaks of other texts from the same source, not of other seeds.

    Args:
        one: A system's summands (seeds, texts, *shape).
        other: The other's; the number of seeds may differ.
        metric: Their sums to the value to compare.
        seed: Of the resampling.
    """
    random = np.random.default_rng(seed)
    value = _score(one, metric) - _score(other, metric)
    resampled, swapped = [], []
    for _ in range(_ROUNDS // _CHUNK):
        texts = one.shape[1]
        weights = random.multinomial(texts, np.full(texts, 1 / texts), size=_CHUNK).astype(float)
        resampled.append(_scores(one, weights, metric) - _scores(other, weights, metric))
        swapped.append(_swapped(one, other, random.random((_CHUNK, texts)) < 0.5, metric))
    low, high = np.percentile(np.concatenate(resampled), [2.5, 97.5])
    extreme = np.abs(np.concatenate(swapped)) >= abs(value) - 1e-12
    return Difference(
        float(value), float(low), float(high), float((1 + extreme.sum()) / (1 + _ROUNDS))
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values of several comparisons, for the probability of any false one among them (1979).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(np.argsort(p_values, kind="stable").tolist()):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def _score(counts: Floats, metric: Value) -> float:
    """The mean over seeds of the score on all texts."""
    return float(metric(counts.sum(axis=1)).mean())


def _scores(counts: Floats, weights: Floats, metric: Value) -> Floats:
    """The same on weighted texts: weights (rounds, texts) → (rounds,)."""
    scores: Floats = metric(_weighted(weights, counts)).mean(axis=0)
    return scores


def _weighted(weights: Floats, counts: Floats) -> Floats:
    """(rounds, texts) and (seeds, texts, *shape) → (seeds, rounds, *shape)."""
    sums: Floats = np.einsum("rt,st...->sr...", weights, counts)
    return sums


def _swapped(one: Floats, other: Floats, swaps: NDArray[np.bool_], metric: Value) -> Floats:
    """Differences (rounds,) where some texts (rounds, texts) have changed sides.

    A system of fewer seeds repeats them, so that each of a text's seeds has a partner.
    """
    seeds = np.lcm(len(one), len(other))
    sides = [np.concatenate([side] * (seeds // len(side))) for side in (one, other)]
    moved, kept = swaps.astype(float), (~swaps).astype(float)
    first, second = (
        _weighted(kept, side) + _weighted(moved, partner) for side, partner in (sides, sides[::-1])
    )
    differences: Floats = metric(first).mean(axis=0) - metric(second).mean(axis=0)
    return differences
