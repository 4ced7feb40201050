"""Batching by length: limits of steps, no duplicates, pools and segments."""

from __future__ import annotations

from collections import Counter
from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.data.buckets import Buckets, RowLength

buckets = st.builds(
    Buckets,
    rows=st.integers(1, 9),
    tokens=st.none() | st.integers(1, 200),
    pool=st.integers(1, 60),
    sort=st.booleans(),
)
KINDS = [
    RowLength(1 + 7 * number + corpus, corpus, number) for corpus in (0, 1) for number in range(9)
]
some_rows = st.lists(st.sampled_from(KINDS), max_size=80)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def make_rows(*lengths: int) -> list[RowLength]:
    """Returns distinct rows of one corpus with these lengths."""
    return [RowLength(length, 0, number) for number, length in enumerate(lengths)]


def step_lengths(steps: list[list[RowLength]]) -> list[list[int]]:
    return [[row.length for row in step] for step in steps]


def fits(buckets: Buckets, step: list[RowLength]) -> bool:
    tokens = len(step) * max(row.length for row in step)
    return len(step) <= buckets.rows and (buckets.tokens is None or tokens <= buckets.tokens)


@pytest.mark.parametrize(
    ("rows", "tokens", "expected"),
    [
        (2, None, [[5, 1], [9, 2], [2]]),
        (9, 10, [[5, 1], [9], [2, 2]]),
        (9, 12, [[5, 1], [9], [2, 2]]),
        (9, 18, [[5, 1], [9, 2], [2]]),
        (9, 45, [[5, 1, 9, 2, 2]]),
        (9, 4, [[5], [1], [9], [2, 2]]),
        (1, 45, [[5], [1], [9], [2], [2]]),
    ],
)
def test_ordered_steps_respect_limits(
    rows: int, tokens: int | None, expected: list[list[int]]
) -> None:
    cutter = Buckets(rows=rows, tokens=tokens, pool=1, sort=False)
    assert step_lengths(cutter.ordered_steps(make_rows(5, 1, 9, 2, 2))) == expected


def test_copy_waits_for_the_next_step() -> None:
    a, b, c = make_rows(1, 1, 1)
    cutter = Buckets(rows=2, tokens=None, pool=6, sort=False)
    assert cutter.ordered_steps([a, a, b, c]) == [[a, b], [a, c]]
    assert cutter.ordered_steps([a, a, a, b]) == [[a, b], [a], [a]]
    assert cutter.ordered_steps([a, a, b, b, c]) == [[a, b], [a, b], [c]]


def test_copy_waits_for_the_next_pool() -> None:
    a, b, c = make_rows(1, 1, 1)
    cutter = Buckets(rows=2, tokens=None, pool=2, sort=False)
    first, *following = cutter.shuffled_steps([[a, a, b, c]], random())
    assert first == [a]
    assert sorted(following) == [[a, b], [c]]


@given(cutter=buckets, source_rows=some_rows, seed=st.integers(0, 9))
def test_steps_keep_every_row_without_duplicates_in_a_step(
    cutter: Buckets, source_rows: list[RowLength], seed: int
) -> None:
    for steps in (
        cutter.shuffled_steps([source_rows], random(seed)),
        cutter.ordered_steps(source_rows),
    ):
        assert Counter(chain.from_iterable(steps)) == Counter(source_rows)
        assert all(0 < len(step) == len(set(step)) for step in steps)


@given(cutter=buckets, source_rows=some_rows, seed=st.integers(0, 9))
def test_steps_respect_limits_or_have_one_row(
    cutter: Buckets, source_rows: list[RowLength], seed: int
) -> None:
    for steps in (
        cutter.shuffled_steps([source_rows], random(seed)),
        cutter.ordered_steps(source_rows),
    ):
        assert all(fits(cutter, step) or len(step) == 1 for step in steps)


@given(cutter=buckets, source_rows=some_rows)
def test_ordered_steps_are_as_full_as_possible(
    cutter: Buckets, source_rows: list[RowLength]
) -> None:
    for step, following in pairwise(cutter.ordered_steps(source_rows)):
        assert following[0] in step or not fits(cutter, [*step, following[0]])


@given(size=st.integers(1, 9), count=st.integers(0, 60), seed=st.integers(0, 9))
def test_pool_of_one_step_keeps_the_order(size: int, count: int, seed: int) -> None:
    cutter = Buckets(rows=size, tokens=None, pool=size, sort=False)
    source_rows = make_rows(*[1 + n % 7 for n in range(count)])
    shuffled = cutter.shuffled_steps([source_rows], random(seed))
    assert list(chain.from_iterable(shuffled)) == source_rows
    assert [len(step) for step in shuffled[:-1]] == [size] * (len(shuffled) - 1)


@given(size=st.integers(1, 5), pool=st.integers(1, 6), lengths=st.lists(st.integers(1, 60)))
def test_pool_is_cut_by_length(size: int, pool: int, lengths: list[int]) -> None:
    cutter = Buckets(rows=size, tokens=None, pool=size * pool, sort=True)
    shuffled = cutter.shuffled_steps([make_rows(*lengths)], random())
    for number, start in enumerate(range(0, len(lengths), size * pool)):
        pool_lengths = sorted(lengths[start : start + size * pool], reverse=number % 2 == 1)
        expected = [pool_lengths[n : n + size] for n in range(0, len(pool_lengths), size)]
        steps = shuffled[start // size : start // size + len(expected)]
        assert sorted(step_lengths(steps)) == sorted(expected)


def test_steps_of_a_pool_are_shuffled() -> None:
    cutter = Buckets(rows=2, tokens=None, pool=40, sort=True)
    orders = {
        str(cutter.shuffled_steps([make_rows(*range(1, 41))], random(seed))) for seed in range(5)
    }
    assert len(orders) == 5


def test_unfilled_step_waits_for_the_next_pool() -> None:
    cutter = Buckets(rows=9, tokens=20, pool=3, sort=True)
    shuffled = cutter.shuffled_steps([make_rows(5, 5, 5, 5, 5, 5, 5)], random())
    assert step_lengths(shuffled) == [[5] * 4, [5] * 3]


segment = st.lists(st.sampled_from(KINDS), max_size=18, unique=True)


@given(cutter=buckets, source_segments=st.lists(segment, max_size=6), seed=st.integers(0, 9))
def test_segment_is_used_up_with_the_first_step_of_the_next(
    cutter: Buckets, source_segments: list[list[RowLength]], seed: int
) -> None:
    steps = cutter.shuffled_steps(source_segments, random(seed))
    assert Counter(chain.from_iterable(steps)) == Counter(chain.from_iterable(source_segments))
    totals = [Counter(chain.from_iterable(source_segments[:n])) for n in range(7)]
    used: Counter[RowLength] = Counter()
    for step in steps:
        assert len(set(step)) == len(step)
        assert fits(cutter, step) or len(step) == 1
        used.update(step)
        started = max(n for n in range(7) if n == 0 or not used <= totals[n - 1])
        assert totals[max(started - 1, 0)] <= used


def test_rows_left_by_a_segment_open_the_next_step() -> None:
    cutter = Buckets(rows=3, tokens=None, pool=6, sort=True)
    a, b, c, d, e, f, g = make_rows(1, 2, 3, 4, 5, 6, 7)
    for seed in range(5):
        first, second, third = cutter.shuffled_steps([[a, b, c, d], [e, f, g]], random(seed))
        assert (first, second, third) == ([a, b, c], [d, g, f], [e])


def test_small_segments_share_a_step() -> None:
    cutter = Buckets(rows=4, tokens=None, pool=8, sort=True)
    a, b, c, d, e = make_rows(5, 4, 3, 2, 1)
    assert cutter.shuffled_steps([[a], [b], [c], [d], [e]], random()) == [[a, b, c, d], [e]]
    assert cutter.shuffled_steps([[a], [b], [a], [c]], random()) == [[a, b], [a, c]]


@pytest.mark.parametrize("length", [1, 9])
def test_rows_left_by_a_segment_stay_first_until_a_step_is_full(length: int) -> None:
    cutter = Buckets(rows=4, tokens=None, pool=2, sort=True)
    remaining, *following = make_rows(length, 5, 4, 6, 3)
    for seed in range(5):
        first, second = cutter.shuffled_steps([[remaining], following], random(seed))
        assert remaining in first
        assert (len(first), len(second)) == (4, 1)
