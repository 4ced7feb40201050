"""Rows of like length meet in a step, within its limits, and no row twice."""

from __future__ import annotations

from collections import Counter
from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.data.buckets import Buckets, Row

buckets = st.builds(
    Buckets,
    rows=st.integers(1, 9),
    tokens=st.none() | st.integers(1, 200),
    pool=st.integers(1, 60),
    sort=st.booleans(),
)
KINDS = [Row(1 + 7 * number + corpus, corpus, number) for corpus in (0, 1) for number in range(9)]
some_rows = st.lists(st.sampled_from(KINDS), max_size=80)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def of_lengths(*lengths: int) -> list[Row]:
    """Rows of one corpus, all different."""
    return [Row(length, 0, number) for number, length in enumerate(lengths)]


def found_lengths(steps: list[list[Row]]) -> list[list[int]]:
    return [[row.length for row in step] for step in steps]


def fits(buckets: Buckets, step: list[Row]) -> bool:
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
def test_steps_in_order(rows: int, tokens: int | None, expected: list[list[int]]) -> None:
    one = Buckets(rows=rows, tokens=tokens, pool=1, sort=False)
    assert found_lengths(one.in_order(of_lengths(5, 1, 9, 2, 2))) == expected


def test_copy_waits_for_the_next_step() -> None:
    a, b, c = of_lengths(1, 1, 1)
    one = Buckets(rows=2, tokens=None, pool=6, sort=False)
    assert one.in_order([a, a, b, c]) == [[a, b], [a, c]]
    assert one.in_order([a, a, a, b]) == [[a, b], [a], [a]]
    assert one.in_order([a, a, b, b, c]) == [[a, b], [a, b], [c]]


def test_copy_waits_for_the_next_pool() -> None:
    a, b, c = of_lengths(1, 1, 1)
    one = Buckets(rows=2, tokens=None, pool=2, sort=False)
    first, *others = one.shuffled([[a, a, b, c]], random())
    assert first == [a]
    assert sorted(others) == [[a, b], [c]]


@given(one=buckets, given_rows=some_rows, seed=st.integers(0, 9))
def test_every_row_as_often_as_given_and_never_twice_in_a_step(
    one: Buckets, given_rows: list[Row], seed: int
) -> None:
    for steps in (one.shuffled([given_rows], random(seed)), one.in_order(given_rows)):
        assert Counter(chain.from_iterable(steps)) == Counter(given_rows)
        assert all(0 < len(step) == len(set(step)) for step in steps)


@given(one=buckets, given_rows=some_rows, seed=st.integers(0, 9))
def test_steps_keep_to_their_limits_or_are_one_row(
    one: Buckets, given_rows: list[Row], seed: int
) -> None:
    for steps in (one.shuffled([given_rows], random(seed)), one.in_order(given_rows)):
        assert all(fits(one, step) or len(step) == 1 for step in steps)


@given(one=buckets, given_rows=some_rows)
def test_steps_in_order_are_as_full_as_can_be(one: Buckets, given_rows: list[Row]) -> None:
    for step, after in pairwise(one.in_order(given_rows)):
        assert after[0] in step or not fits(one, [*step, after[0]])


@given(size=st.integers(1, 9), count=st.integers(0, 60), seed=st.integers(0, 9))
def test_pool_of_one_step_keeps_the_order(size: int, count: int, seed: int) -> None:
    one = Buckets(rows=size, tokens=None, pool=size, sort=False)
    given_rows = of_lengths(*[1 + n % 7 for n in range(count)])
    found = one.shuffled([given_rows], random(seed))
    assert list(chain.from_iterable(found)) == given_rows
    assert [len(step) for step in found[:-1]] == [size] * (len(found) - 1)


@given(size=st.integers(1, 5), pool=st.integers(1, 6), lengths=st.lists(st.integers(1, 60)))
def test_pool_is_cut_in_order_of_length(size: int, pool: int, lengths: list[int]) -> None:
    one = Buckets(rows=size, tokens=None, pool=size * pool, sort=True)
    found = one.shuffled([of_lengths(*lengths)], random())
    for number, start in enumerate(range(0, len(lengths), size * pool)):
        own = sorted(lengths[start : start + size * pool], reverse=number % 2 == 1)
        expected = [own[n : n + size] for n in range(0, len(own), size)]
        steps = found[start // size : start // size + len(expected)]
        assert sorted(found_lengths(steps)) == sorted(expected)


def test_steps_of_a_pool_change_places() -> None:
    one = Buckets(rows=2, tokens=None, pool=40, sort=True)
    found = {str(one.shuffled([of_lengths(*range(1, 41))], random(seed))) for seed in range(5)}
    assert len(found) == 5


def test_step_that_is_not_full_waits_for_the_next_pool() -> None:
    one = Buckets(rows=9, tokens=20, pool=3, sort=True)
    found = one.shuffled([of_lengths(5, 5, 5, 5, 5, 5, 5)], random())
    assert found_lengths(found) == [[5] * 4, [5] * 3]


segment = st.lists(st.sampled_from(KINDS), max_size=18, unique=True)


@given(one=buckets, given_segments=st.lists(segment, max_size=6), seed=st.integers(0, 9))
def test_a_segment_has_come_when_the_first_step_with_rows_of_the_next_is_done(
    one: Buckets, given_segments: list[list[Row]], seed: int
) -> None:
    steps = one.shuffled(given_segments, random(seed))
    assert Counter(chain.from_iterable(steps)) == Counter(chain.from_iterable(given_segments))
    ends = [Counter(chain.from_iterable(given_segments[:n])) for n in range(7)]
    came: Counter[Row] = Counter()
    for step in steps:
        assert len(set(step)) == len(step)
        assert fits(one, step) or len(step) == 1
        came.update(step)
        begun = max(n for n in range(7) if n == 0 or not came <= ends[n - 1])
        assert ends[max(begun - 1, 0)] <= came


def test_what_a_segment_leaves_comes_first_and_fills_a_step_with_rows_of_the_next() -> None:
    one = Buckets(rows=3, tokens=None, pool=6, sort=True)
    a, b, c, d, e, f, g = of_lengths(1, 2, 3, 4, 5, 6, 7)
    for seed in range(5):
        first, second, third = one.shuffled([[a, b, c, d], [e, f, g]], random(seed))
        assert (first, second, third) == ([a, b, c], [d, g, f], [e])


def test_segments_that_do_not_fill_a_step_make_one_together() -> None:
    one = Buckets(rows=4, tokens=None, pool=8, sort=True)
    a, b, c, d, e = of_lengths(5, 4, 3, 2, 1)
    assert one.shuffled([[a], [b], [c], [d], [e]], random()) == [[a, b, c, d], [e]]
    assert one.shuffled([[a], [b], [a], [c]], random()) == [[a, b], [a, c]]


@pytest.mark.parametrize("length", [1, 9])
def test_what_a_segment_leaves_stays_first_until_there_is_a_full_step(length: int) -> None:
    one = Buckets(rows=4, tokens=None, pool=2, sort=True)
    left, *others = of_lengths(length, 5, 4, 6, 3)
    for seed in range(5):
        first, second = one.shuffled([[left], others], random(seed))
        assert left in first
        assert (len(first), len(second)) == (4, 1)
