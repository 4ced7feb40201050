"""Significance of the difference between two systems, by resampling of texts."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.tasks.metrics import Floats

Value = Callable[[Floats], Floats]
"""Computes a metric from its sums: (…, *shape) → (…)."""

_ROUNDS = 2000
_CHUNK = 250  # rounds that are resampled together, which limits memory


class Difference(NamedTuple):
    """The difference between the scores of two systems, first minus second.

    Args:
        value: The difference of the means over seeds.
        low: The lower end of the 95 % confidence interval.
        high: The upper end of the 95 % confidence interval.
        p: The p-value: the probability of a difference of at least this size between equal
            systems.
    """

    value: float
    low: float
    high: float
    p: float


def difference(one: Floats, other: Floats, metric: Value, seed: int = 0) -> Difference:
    """Compares two systems on the same texts.

    The interval comes from the paired bootstrap over texts (Efron and Tibshirani, 1993), the
    p-value from approximate randomisation, which swaps the systems' outputs for a random half of
    the texts (Noreen, 1989), for all seeds of a text together. Both generalise to other texts of
    the same source, not to other seeds.

    Args:
        one: The first system's summands of the metric (seeds, texts, *shape).
        other: The second system's summands; the number of seeds may differ.
        metric: Computes the metric from its sums.
        seed: The seed of the resampling.
    """
    random = np.random.default_rng(seed)
    value = _score(one, metric) - _score(other, metric)
    resampled, swapped = [], []
    for _ in range(_ROUNDS // _CHUNK):
        texts = one.shape[1]
        weights = random.multinomial(texts, np.full(texts, 1 / texts), size=_CHUNK).astype(float)
        resampled.append(_scores(one, weights, metric) - _scores(other, weights, metric))
        swapped.append(
            _swapped_differences(one, other, random.random((_CHUNK, texts)) < 0.5, metric)
        )
    low, high = np.percentile(np.concatenate(resampled), [2.5, 97.5])
    extreme = np.abs(np.concatenate(swapped)) >= abs(value) - 1e-12
    return Difference(
        float(value), float(low), float(high), float((1 + extreme.sum()) / (1 + _ROUNDS))
    )


def interval(summands: Floats, metric: Value, seed: int = 0) -> tuple[float, float]:
    """Returns the 95 % confidence interval of a score, by the bootstrap over texts.

    It generalises to other texts of the same source, not to other seeds (Efron and Tibshirani,
    1993).

    Args:
        summands: The metric's summands (texts, *shape).
        metric: Computes the metric from its sums.
        seed: The seed of the resampling.
    """
    random, texts = np.random.default_rng(seed), len(summands)
    # Texts with equal summands are interchangeable, and there are few kinds of them.
    kinds, counts = np.unique(summands, axis=0, return_counts=True)
    values = [
        metric(np.tensordot(random.multinomial(texts, counts / texts, size=_CHUNK), kinds, axes=1))
        for _ in range(_ROUNDS // _CHUNK)
    ]
    low, high = np.percentile(np.concatenate(values), [2.5, 97.5])
    return float(low), float(high)


def holm(p_values: Sequence[float]) -> list[float]:
    """Returns p-values adjusted for several comparisons, in the given order (Holm, 1979).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(np.argsort(p_values, kind="stable").tolist()):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def _score(counts: Floats, metric: Value) -> float:
    """Returns the mean over seeds of the score on all texts."""
    return float(metric(counts.sum(axis=1)).mean())


def _scores(counts: Floats, weights: Floats, metric: Value) -> Floats:
    """Returns mean scores over seeds on weighted texts: weights (rounds, texts) → (rounds,)."""
    scores: Floats = metric(_weighted_sums(weights, counts)).mean(axis=0)
    return scores


def _weighted_sums(weights: Floats, counts: Floats) -> Floats:
    """Returns sums over weighted texts.

    Weights (rounds, texts) and counts (seeds, texts, *shape) → (seeds, rounds, *shape).
    """
    sums: Floats = np.einsum("rt,st...->sr...", weights, counts)
    return sums


def _swapped_differences(
    one: Floats, other: Floats, swaps: NDArray[np.bool_], metric: Value
) -> Floats:
    """Returns differences (rounds,) with the outputs for some texts (rounds, texts) swapped.

    The seeds of the system with fewer seeds are repeated, so that all seeds have a partner.
    """
    seeds = np.lcm(len(one), len(other))
    sides = [np.concatenate([side] * (seeds // len(side))) for side in (one, other)]
    swapped, kept = swaps.astype(float), (~swaps).astype(float)
    first, second = (
        _weighted_sums(kept, side) + _weighted_sums(swapped, partner)
        for side, partner in (sides, sides[::-1])
    )
    differences: Floats = metric(first).mean(axis=0) - metric(second).mean(axis=0)
    return differences
