"""The epochs of a run: positions, and the items that optimizer steps count."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from arabic_mtl.data.epochs import Epochs, Position
from arabic_mtl.data.plan import Lengths, SamplingPlan, Step
from arabic_mtl.data.shares import Counts
from arabic_mtl.model.batch import Update
from support.plans import INFINITE, Case, cases, lengths, plans, rows

Items = dict[str, dict[str, Counts]]

limits = st.just(1.0) | st.integers(1, 30) | st.floats(0.1, 1)
LIMITS: list[float] = [1.0, 3, 0.5]
EVEN = SamplingPlan(batch_size=4)
UNEVEN = SamplingPlan(token_budget=100, temperature=INFINITE, pool=2)


def some_items(corpora: Lengths) -> Items:
    """Returns items of two tasks per corpus: one item per row, and 0 to 2 items per row."""
    return {
        name: {
            f"{name} one": np.ones(len(rows_of_corpus), dtype=np.int64),
            f"{name} some": rows_of_corpus % 3,
        }
        for name, rows_of_corpus in corpora.items()
    }


def counted(steps: list[Step], items: Items) -> dict[str, int]:
    """Returns the items of the rows of steps, counted row by row."""
    total = {task: 0 for counts in items.values() for task in counts}
    for corpus, row in rows(steps):
        for task, counts in items[corpus].items():
            total[task] += int(counts[row])
    return total


def limited(steps: int, limit: float) -> int:
    """Returns how many of an epoch's steps Lightning trains on."""
    return min(steps, limit) if isinstance(limit, int) else int(steps * limit)


def walk(plan: SamplingPlan, corpora: Lengths, limit: float) -> Iterator[tuple[int, int]]:
    """Yields the positions of a run, in order."""
    for epoch in count():
        size = limited(len(plan.steps(corpora, 0, epoch)), limit)
        assume(size > 0)  # Lightning refuses an epoch without steps
        yield from ((epoch, step) for step in range(size))


def epochs(plan: SamplingPlan, corpora: Lengths, **options: Any) -> Epochs:
    return Epochs(plan, corpora, 0, some_items(corpora), **options)


def assert_positions_follow_the_steps(plan: SamplingPlan, corpora: Lengths, limit: float) -> None:
    run = epochs(plan, corpora, limit=limit)
    expected = list(islice(walk(plan, corpora, limit), 60))
    assert [run.position(number) for number in range(60)] == expected


@given(case=cases(), limit=limits)
def test_position_counts_steps(case: Case, limit: float) -> None:
    assert_positions_follow_the_steps(*case, limit)


@given(plan=plans, limit=limits)
def test_position_in_even_epochs_counts_steps(plan: SamplingPlan, limit: float) -> None:
    assert plan.is_even
    assert_positions_follow_the_steps(plan, lengths(a=19, b=3), limit)


def test_position_in_epochs_of_different_lengths() -> None:
    corpora = lengths(a=50, b=6)
    sizes = [len(UNEVEN.steps(corpora, 0, epoch)) for epoch in range(6)]
    assert len(set(sizes)) > 1
    run = epochs(UNEVEN, corpora)
    for epoch in range(1, 6):
        steps_before = sum(sizes[:epoch])
        assert run.position(steps_before - 1) == (epoch - 1, sizes[epoch - 1] - 1)
        assert run.position(steps_before) == (epoch, 0)


@given(case=cases(), accumulate=st.integers(1, 4), limit=limits, epoch=st.integers(0, 3))
def test_updates_count_the_items_of_their_steps(
    case: Case, accumulate: int, limit: float, epoch: int
) -> None:
    plan, corpora = case
    steps = plan.steps(corpora, 0, epoch)
    planned = epochs(plan, corpora, accumulate=accumulate, limit=limit).steps(epoch)
    assert [planned_step.step for planned_step in planned] == steps
    inside = steps[: limited(len(steps), limit)]
    for start in range(0, len(inside), accumulate):
        window = inside[start : start + accumulate]
        update = Update(len(window), counted(window, some_items(corpora)))
        window_steps = planned[start : start + len(window)]
        assert [planned_step.update for planned_step in window_steps] == [update] * len(window)


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
def test_last_update_has_the_remaining_steps(
    accumulate: int, limit: float, expected: list[int]
) -> None:
    corpora = lengths(a=20)
    planned = epochs(EVEN, corpora, accumulate=accumulate, limit=limit).steps(0)
    assert len(planned) == 5
    assert [planned_step.update.batches for planned_step in planned][: len(expected)] == expected
    first = counted(
        [planned_step.step for planned_step in planned[: expected[0]]], some_items(corpora)
    )
    assert planned[0].update.items == first


@given(case=cases(), epoch=st.integers(0, 3))
def test_updates_count_all_items_of_an_epoch(case: Case, epoch: int) -> None:
    plan, corpora = case
    planned = epochs(plan, corpora, accumulate=3).steps(epoch)
    total = dict.fromkeys(counted([], some_items(corpora)), 0)
    for planned_step in planned[::3]:
        total = {task: total[task] + items for task, items in planned_step.update.items.items()}
    assert total == counted([planned_step.step for planned_step in planned], some_items(corpora))


def test_task_of_another_corpus_has_no_items() -> None:
    corpora = {"a": np.array([4, 2]), "b": np.array([5])}
    items = {"a": {"x": np.array([2, 3])}, "b": {"y": np.array([7])}}
    plan = SamplingPlan(batch_size=2, step="single")
    planned = Epochs(plan, corpora, 0, items).steps(0)
    updates = {"".join(planned_step.step): planned_step.update for planned_step in planned}
    assert updates == {"a": Update(1, {"x": 5, "y": 0}), "b": Update(1, {"x": 0, "y": 7})}


@pytest.mark.parametrize("plan", [EVEN, UNEVEN])
def test_repeat_reuses_the_steps_of_the_first_epoch(plan: SamplingPlan) -> None:
    corpora = lengths(a=50, b=6)
    first, repeated = (
        epochs(plan, corpora, accumulate=2),
        epochs(plan, corpora, accumulate=2, repeat=True),
    )
    for epoch in range(4):
        assert repeated.steps(epoch) == first.steps(0)
        assert epoch == 0 or repeated.steps(epoch) != first.steps(epoch)
    size = len(first.steps(0))
    assert [repeated.position(3 * size + n) for n in (-1, 0, 1)] == [(2, size - 1), (3, 0), (3, 1)]


@pytest.mark.parametrize("plan", [EVEN, UNEVEN])
@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("accumulate", [1, 2, 3])
def test_updates_counts_the_optimizer_steps_of_all_epochs(
    plan: SamplingPlan, limit: float, accumulate: int
) -> None:
    corpora = lengths(a=50, b=6)
    run = epochs(plan, corpora, accumulate=accumulate, limit=limit)
    windows = 0
    for epoch in range(5):
        assert run.updates(epoch) == windows
        size = limited(len(plan.steps(corpora, 0, epoch)), limit)
        windows += len(range(0, size, accumulate))


@given(case=cases(), limit=limits, accumulate=st.integers(1, 4), walked=st.integers(0, 30))
def test_position_from_a_start_equals_position_from_zero(
    case: Case, limit: float, accumulate: int, walked: int
) -> None:
    run = epochs(*case, limit=limit, accumulate=accumulate)
    assume(run.size(run.position(walked + 30).epoch))  # else an epoch has no steps
    start = run.position(walked)
    assert [run.position(steps, start) for steps in range(30)] == [
        run.position(walked + steps) for steps in range(30)
    ]
    previous_updates = run.updates(start.epoch) + start.step // accumulate
    assert run.updates(start.epoch + 3, start) == run.updates(start.epoch + 3) - previous_updates


@pytest.mark.parametrize(
    ("step", "expected"), [(3, [(2, 3), (2, 4)]), (5, [(2, 0), (2, 1)]), (9, [(2, 0), (2, 1)])]
)
def test_position_in_a_shortened_epoch_restarts_the_epoch(
    step: int, expected: list[tuple[int, int]]
) -> None:
    run = epochs(EVEN, lengths(a=20))  # five steps
    assert [run.position(steps, Position(2, step)) for steps in (0, 1)] == expected


def test_steps_are_cached() -> None:
    run = epochs(UNEVEN, lengths(a=50, b=6))
    assert run.steps(2) is run.steps(2)
