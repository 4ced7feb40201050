"""The steps of a run, epoch by epoch: where it is, and what its updates count."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from arabic_mtl.data.epochs import Epochs, Place
from arabic_mtl.data.plan import Lengths, SamplingPlan, Step
from arabic_mtl.data.shares import Counts
from arabic_mtl.model.batch import Update
from support.plans import INFINITE, Case, cases, lengths, plans, rows

Items = dict[str, dict[str, Counts]]

limits = st.just(1.0) | st.integers(1, 30) | st.floats(0.1, 1)
LIMITS: list[float] = [1.0, 3, 0.5]
EVEN = SamplingPlan(batch_size=4)
UNEVEN = SamplingPlan(token_budget=100, temperature=INFINITE, pool=2)


def some_items(of: Lengths) -> Items:
    """Two tasks on each corpus: one item per row, and none to two."""
    return {
        name: {f"{name} one": np.ones(len(own), dtype=np.int64), f"{name} some": own % 3}
        for name, own in of.items()
    }


def counted(steps: list[Step], items: Items) -> dict[str, int]:
    """The items of the rows of some steps, row by row."""
    total = {task: 0 for of_corpus in items.values() for task in of_corpus}
    for corpus, row in rows(steps):
        for task, counts in items[corpus].items():
            total[task] += int(counts[row])
    return total


def limited(steps: int, limit: float) -> int:
    """How many of an epoch's steps Lightning takes."""
    return min(steps, limit) if isinstance(limit, int) else int(steps * limit)


def walk(plan: SamplingPlan, of: Lengths, limit: float) -> Iterator[tuple[int, int]]:
    """The places of a run, one after the other."""
    for epoch in count():
        size = limited(len(plan.steps(of, 0, epoch)), limit)
        assume(size > 0)  # Lightning refuses an epoch without steps
        yield from ((epoch, step) for step in range(size))


def epochs(plan: SamplingPlan, of: Lengths, **options: Any) -> Epochs:
    return Epochs(plan, of, 0, some_items(of), **options)


def assert_places_are_those_of_a_walk(plan: SamplingPlan, of: Lengths, limit: float) -> None:
    made = epochs(plan, of, limit=limit)
    expected = list(islice(walk(plan, of, limit), 60))
    assert [made.place(number) for number in range(60)] == expected


@given(case=cases(), limit=limits)
def test_place_is_where_a_walk_has_come(case: Case, limit: float) -> None:
    assert_places_are_those_of_a_walk(*case, limit)


@given(plan=plans, limit=limits)
def test_place_in_even_epochs_is_where_a_walk_has_come(plan: SamplingPlan, limit: float) -> None:
    assert plan.is_even
    assert_places_are_those_of_a_walk(plan, lengths(a=19, b=3), limit)


def test_place_in_epochs_of_different_lengths() -> None:
    of = lengths(a=50, b=6)
    sizes = [len(UNEVEN.steps(of, 0, epoch)) for epoch in range(6)]
    assert len(set(sizes)) > 1
    made = epochs(UNEVEN, of)
    for epoch in range(1, 6):
        before = sum(sizes[:epoch])
        assert made.place(before - 1) == (epoch - 1, sizes[epoch - 1] - 1)
        assert made.place(before) == (epoch, 0)


@given(case=cases(), accumulate=st.integers(1, 4), limit=limits, epoch=st.integers(0, 3))
def test_updates_count_the_items_of_their_steps(
    case: Case, accumulate: int, limit: float, epoch: int
) -> None:
    plan, of = case
    steps = plan.steps(of, 0, epoch)
    planned = epochs(plan, of, accumulate=accumulate, limit=limit).steps(epoch)
    assert [one.step for one in planned] == steps
    inside = steps[: limited(len(steps), limit)]
    for start in range(0, len(inside), accumulate):
        window = inside[start : start + accumulate]
        update = Update(len(window), counted(window, some_items(of)))
        found = planned[start : start + len(window)]
        assert [one.update for one in found] == [update] * len(window)


@pytest.mark.parametrize(
    ("accumulate", "limit", "expected"),
    [
        (1, 1.0, [1, 1, 1, 1, 1]),
        (2, 1.0, [2, 2, 2, 2, 1]),
        (3, 1.0, [3, 3, 3, 2, 2]),
        (4, 1.0, [4, 4, 4, 4, 1]),
        (9, 1.0, [5, 5, 5, 5, 5]),
        (2, 3, [2, 2, 1]),
        (3, 4, [3, 3, 3, 1]),
        (2, 0.7, [2, 2, 1]),
        (4, 0.5, [2, 2]),
        (4, 99, [4, 4, 4, 4, 1]),
    ],
)
def test_last_window_is_as_long_as_what_is_left(
    accumulate: int, limit: float, expected: list[int]
) -> None:
    of = lengths(a=20)
    planned = epochs(EVEN, of, accumulate=accumulate, limit=limit).steps(0)
    assert len(planned) == 5
    assert [one.update.batches for one in planned][: len(expected)] == expected
    first = counted([one.step for one in planned[: expected[0]]], some_items(of))
    assert planned[0].update.items == first


@given(case=cases(), epoch=st.integers(0, 3))
def test_items_of_an_epoch_are_those_of_its_updates(case: Case, epoch: int) -> None:
    plan, of = case
    planned = epochs(plan, of, accumulate=3).steps(epoch)
    total = dict.fromkeys(counted([], some_items(of)), 0)
    for one in planned[::3]:
        total = {task: total[task] + found for task, found in one.update.items.items()}
    assert total == counted([one.step for one in planned], some_items(of))


def test_task_of_another_corpus_has_no_items() -> None:
    of = {"a": np.array([4, 2]), "b": np.array([5])}
    items = {"a": {"x": np.array([2, 3])}, "b": {"y": np.array([7])}}
    plan = SamplingPlan(batch_size=2, step="single")
    planned = Epochs(plan, of, 0, items).steps(0)
    updates = {"".join(one.step): one.update for one in planned}
    assert updates == {"a": Update(1, {"x": 5, "y": 0}), "b": Update(1, {"x": 0, "y": 7})}


@pytest.mark.parametrize("plan", [EVEN, UNEVEN])
def test_repeating_gives_every_epoch_the_steps_of_the_first(plan: SamplingPlan) -> None:
    of = lengths(a=50, b=6)
    first, repeated = epochs(plan, of, accumulate=2), epochs(plan, of, accumulate=2, repeat=True)
    for epoch in range(4):
        assert repeated.steps(epoch) == first.steps(0)
        assert epoch == 0 or repeated.steps(epoch) != first.steps(epoch)
    size = len(first.steps(0))
    assert [repeated.place(3 * size + n) for n in (-1, 0, 1)] == [(2, size - 1), (3, 0), (3, 1)]


@pytest.mark.parametrize("plan", [EVEN, UNEVEN])
@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("accumulate", [1, 2, 3])
def test_updates_are_the_windows_of_all_epochs(
    plan: SamplingPlan, limit: float, accumulate: int
) -> None:
    of = lengths(a=50, b=6)
    made = epochs(plan, of, accumulate=accumulate, limit=limit)
    windows = 0
    for epoch in range(5):
        assert made.updates(epoch) == windows
        size = limited(len(plan.steps(of, 0, epoch)), limit)
        windows += len(range(0, size, accumulate))


@given(case=cases(), limit=limits, accumulate=st.integers(1, 4), walked=st.integers(0, 30))
def test_a_walk_in_two_parts_comes_to_the_same_place(
    case: Case, limit: float, accumulate: int, walked: int
) -> None:
    made = epochs(*case, limit=limit, accumulate=accumulate)
    assume(made.size(made.place(walked + 30).epoch))  # else there is an epoch without steps
    start = made.place(walked)
    assert [made.place(more, start) for more in range(30)] == [
        made.place(walked + more) for more in range(30)
    ]
    before = made.updates(start.epoch) + start.step // accumulate
    assert made.updates(start.epoch + 3, start) == made.updates(start.epoch + 3) - before


@pytest.mark.parametrize(
    ("step", "expected"), [(3, [(2, 3), (2, 4)]), (5, [(2, 0), (2, 1)]), (9, [(2, 0), (2, 1)])]
)
def test_an_epoch_that_has_become_too_short_begins_anew(
    step: int, expected: list[tuple[int, int]]
) -> None:
    made = epochs(EVEN, lengths(a=20))  # five steps
    assert [made.place(more, Place(2, step)) for more in (0, 1)] == expected


def test_steps_of_an_epoch_are_worked_out_once() -> None:
    made = epochs(UNEVEN, lengths(a=50, b=6))
    assert made.steps(2) is made.steps(2)
