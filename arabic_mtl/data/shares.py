"""Shares of corpora, and their numbers of rows in an epoch."""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
"""Numbers of rows (corpora,)."""


def temper(sizes: Counts, temperature: float) -> NDArray[np.float64]:
    """Returns shares in proportion to ``size ** (1 / temperature)`` (Devlin et al., 2019; mBERT).

    >>> temper(np.array([300, 100]), 1.0).round(2).tolist()
    [0.75, 0.25]
    >>> temper(np.array([300, 100]), float("inf")).round(2).tolist()
    [0.5, 0.5]
    """
    weights = np.where(sizes > 0, (sizes / sizes.max(initial=1)) ** (1 / temperature), 0.0)
    shares: NDArray[np.float64] = weights / max(weights.sum(), np.finfo(float).tiny)
    return shares


def apportion(total: int, shares: NDArray[np.float64]) -> Counts:
    """Returns integers that add up to a total, each within less than 1 of its share of the total.

    >>> apportion(10, np.array([0.5, 0.25, 0.25])).tolist()
    [5, 3, 2]
    """
    exact = total * shares
    whole = np.floor(exact).astype(np.int64)
    left = int(total - whole.sum()) if shares.any() else 0
    whole[np.argsort(whole - exact, kind="stable")[:left]] += 1
    return whole
