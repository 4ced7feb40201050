"""How many rows each corpus gives to an epoch, and which."""

from __future__ import annotations

from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from arabic_mtl.data.shares import interleaved, passes, quotas, tempered

INFINITE = float("inf")
some_sizes = st.lists(st.integers(0, 10**6), min_size=1, max_size=6).filter(any)


def parts(weights: list[int]) -> NDArray[np.float64]:
    """Shares in proportion to whole weights."""
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
    assert tempered(np.array(sizes), temperature).tolist() == pytest.approx(expected)


@given(sizes=some_sizes, temperature=st.floats(1, 100) | st.just(INFINITE))
def test_shares_follow_their_formula_and_add_up_to_one(
    sizes: list[int], temperature: float
) -> None:
    weights = [size ** (1 / temperature) if size else 0.0 for size in sizes]
    expected = [weight / sum(weights) for weight in weights]
    assert tempered(np.array(sizes), temperature).tolist() == pytest.approx(expected)


@given(weights=st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any), data=st.data())
def test_quotas_add_up_and_are_less_than_one_off(weights: list[int], data: st.DataObject) -> None:
    total, shares = data.draw(st.integers(0, 10**7)), parts(weights)
    found = quotas(total, shares)
    assert found.sum() == total
    assert np.abs(found - total * shares).max() < 1
    assert all(count == 0 for count, weight in zip(found, weights, strict=True) if not weight)


def test_larger_remainders_are_rounded_up() -> None:
    assert quotas(10, np.array([0.24, 0.38, 0.38])).tolist() == [2, 4, 4]
    assert quotas(10, np.array([0.45, 0.31, 0.24])).tolist() == [5, 3, 2]
    assert quotas(2, np.array([0.25, 0.25, 0.25, 0.25])).tolist() == [1, 1, 0, 0]


def test_no_shares_give_nothing() -> None:
    assert quotas(0, np.zeros(2)).tolist() == [0, 0]


@given(
    size=st.integers(1, 12),
    counts=st.lists(st.integers(0, 30), min_size=1, max_size=6),
    seed=st.integers(0, 99),
)
def test_stream_is_the_same_however_it_is_read(size: int, counts: list[int], seed: int) -> None:
    whole = [int(row) for piece in passes(size, 0, sum(counts), [seed, 1]) for row in piece]
    starts = accumulate(counts, initial=0)
    in_parts = [
        int(row)
        for start, count in zip(starts, counts, strict=False)
        for piece in passes(size, start, count, [seed, 1])
        for row in piece
    ]
    assert in_parts == whole
    assert len(whole) == sum(counts)


@given(size=st.integers(1, 12), start=st.integers(0, 40), count=st.integers(0, 60))
def test_pieces_are_of_one_pass_each(size: int, start: int, count: int) -> None:
    pieces = [piece.tolist() for piece in passes(size, start, count, [3, 1])]
    assert all(pieces)
    ends = list(accumulate(map(len, pieces), initial=start))
    assert ends[-1] == start + count
    for (begin, end), piece in zip(pairwise(ends), pieces, strict=True):
        assert begin // size == (end - 1) // size
        assert len(set(piece)) == len(piece) <= size
        assert set(piece) <= set(range(size))
    assert all(sorted(piece) == list(range(size)) for piece in pieces[1:-1])


def test_every_pass_has_an_order_of_its_own() -> None:
    orders = [piece.tolist() for piece in passes(50, 0, 200, [3, 1])]
    orders += [piece.tolist() for seed in ([3, 2], [4, 1]) for piece in passes(50, 0, 50, seed)]
    assert len({tuple(order) for order in orders}) == 6


@given(
    counts=st.lists(st.integers(0, 60), min_size=1, max_size=5),
    seed=st.integers(0, 99),
)
def test_corpora_are_evenly_interleaved(counts: list[int], seed: int) -> None:
    assume(sum(counts) > 0)
    found = interleaved(np.array(counts), np.random.default_rng(seed))
    assert np.bincount(found, minlength=len(counts)).tolist() == counts
    shares = parts(counts)
    for corpus, share in enumerate(shares):
        so_far = np.cumsum(found == corpus)
        expected = share * np.arange(1, len(found) + 1)
        others = np.count_nonzero(np.delete(shares, corpus))
        assert np.abs(so_far - expected).max() <= (1 - share) + share * others + 1e-9


def test_interleaving_is_random() -> None:
    counts = np.array([20, 20])
    found = {tuple(interleaved(counts, np.random.default_rng(seed))) for seed in range(10)}
    assert len(found) == 10
