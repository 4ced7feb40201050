"""Shares of corpora and their numbers of rows in an epoch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from arabic_mtl.data.shares import apportion, temper

INFINITE = float("inf")
some_sizes = st.lists(st.integers(0, 10**6), min_size=1, max_size=6).filter(any)


def parts(weights: list[int]) -> NDArray[np.float64]:
    """Returns shares in proportion to integer weights."""
    return np.array(weights) / sum(weights)


@pytest.mark.parametrize(
    ("sizes", "temperature", "expected"),
    [
        ([300, 100], 1, [0.75, 0.25]),
        ([16, 1], 2, [0.8, 0.2]),
        ([27, 8, 1], 3, [1 / 2, 1 / 3, 1 / 6]),
        ([10**9, 1], INFINITE, [0.5, 0.5]),
        ([500, 0, 5], INFINITE, [0.5, 0.0, 0.5]),
        ([500, 0], 2, [1.0, 0.0]),
        ([0, 0], INFINITE, [0.0, 0.0]),
        ([7], 5, [1.0]),
    ],
)
def test_shares_at_a_temperature(
    sizes: list[int], temperature: float, expected: list[float]
) -> None:
    assert temper(np.array(sizes), temperature).tolist() == pytest.approx(expected)


@given(sizes=some_sizes, temperature=st.floats(1, 100) | st.just(INFINITE))
def test_shares_follow_their_formula_and_add_up_to_one(
    sizes: list[int], temperature: float
) -> None:
    weights = [size ** (1 / temperature) if size else 0.0 for size in sizes]
    expected = [weight / sum(weights) for weight in weights]
    assert temper(np.array(sizes), temperature).tolist() == pytest.approx(expected)


@given(weights=st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any), data=st.data())
def test_apportion_adds_up_and_is_off_by_less_than_one(
    weights: list[int], data: st.DataObject
) -> None:
    total, shares = data.draw(st.integers(0, 10**7)), parts(weights)
    counts = apportion(total, shares)
    assert counts.sum() == total
    assert np.abs(counts - total * shares).max() < 1
    assert all(count == 0 for count, weight in zip(counts, weights, strict=True) if not weight)


def test_apportion_rounds_up_larger_remainders() -> None:
    assert apportion(10, np.array([0.24, 0.38, 0.38])).tolist() == [2, 4, 4]
    assert apportion(10, np.array([0.45, 0.31, 0.24])).tolist() == [5, 3, 2]
    assert apportion(2, np.array([0.25, 0.25, 0.25, 0.25])).tolist() == [1, 1, 0, 0]


def test_apportion_of_zero_shares_is_zero() -> None:
    assert apportion(0, np.zeros(2)).tolist() == [0, 0]
