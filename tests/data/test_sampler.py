"""The sampler: each process's share of a step is exact, disjoint and of equal size."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.data.epochs import PlannedStep
from arabic_mtl.data.plan import SamplingPlan, Step
from arabic_mtl.data.rows import PlanSampler, Share
from arabic_mtl.model.batch import Update
from support.plans import Case, cases, lengths, rows

UPDATES = [Update(2, {"x": 9}), Update(2, {"x": 9}), Update(1, {"x": 4})]
STEPS: list[Step] = [{"a": [3, 1, 2], "b": [7]}, {"b": [5, 6]}, {"a": [0]}]
PLANNED = [PlannedStep(step, update) for step, update in zip(STEPS, UPDATES, strict=True)]


def planned(steps: list[Step]) -> list[PlannedStep]:
    return [PlannedStep(step, Update(1, {"x": number})) for number, step in enumerate(steps)]


def sampler(
    corpus: str, rank: int, world: int, position: tuple[int, int] = (0, 0), first: int = 0
) -> PlanSampler:
    """Returns a sampler that has the steps above in one epoch, and none in others."""
    return PlanSampler(
        {first: PLANNED}.__getitem__, corpus, rank=rank, world_size=world, position=position
    )


@given(case=cases(), world=st.integers(1, 5), epoch=st.integers(0, 3))
def test_processes_share_each_step(case: Case, world: int, epoch: int) -> None:
    plan, corpora = case
    steps = plan.steps(corpora, 0, epoch)
    planned_steps = {epoch: planned(steps)}
    shares: list[list[list[tuple[str, int]]]] = []  # process, step, rows of all corpora
    for rank in range(world):
        corpus_shares: dict[str, list[Share]] = {}
        for name in corpora:
            plan_sampler = PlanSampler(planned_steps.__getitem__, name, rank=rank, world_size=world)
            plan_sampler.set_epoch(epoch)
            assert len(plan_sampler) == len(steps)
            corpus_shares[name] = list(plan_sampler)
            assert [share.update for share in corpus_shares[name]] == [
                plan_sampler.update for plan_sampler in planned_steps[epoch]
            ]
        numbers = range(len(steps))
        shares.append(
            [
                [(name, row) for name in corpora for row in corpus_shares[name][n].rows]
                for n in numbers
            ]
        )
    for number, step in enumerate(steps):
        step_rows = [row for share in shares for row in share[number]]
        assert Counter(step_rows) == Counter(rows([step]))
        sizes = [len(share[number]) for share in shares]
        assert max(sizes) - min(sizes) <= 1


def test_sampler_of_a_corpus_yields_its_rows_of_each_step() -> None:
    def yielded(corpus: str, rank: int, world: int) -> list[list[int]]:
        return [share.rows for share in sampler(corpus, rank, world)]

    assert yielded("a", 0, 1) == [[3, 1, 2], [], [0]]
    assert yielded("b", 0, 1) == [[7], [5, 6], []]
    assert [yielded("a", rank, 2) for rank in (0, 1)] == [[[3, 2], [], [0]], [[1], [], []]]
    assert [yielded("b", rank, 2) for rank in (0, 1)] == [[[], [5], []], [[7], [6], []]]


@pytest.mark.parametrize("corpus", ["a", "b"])
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_every_process_gets_the_whole_update(corpus: str, rank: int) -> None:
    assert [share.update for share in sampler(corpus, rank, 3)] == UPDATES


def test_sampler_starts_at_its_position_once() -> None:
    plan_sampler = sampler("a", 0, 1, position=(4, 2), first=4)
    assert len(plan_sampler) == 3  # of the whole epoch
    assert list(plan_sampler) == [Share([0], UPDATES[2])]
    assert [share.rows for share in plan_sampler] == [[3, 1, 2], [], [0]]


def test_position_at_the_end_of_an_epoch_yields_nothing() -> None:
    plan_sampler = sampler("a", 0, 1, position=(0, 3))
    assert list(plan_sampler) == []
    assert len(list(plan_sampler)) == 3


def test_epoch_of_a_sampler_changes_its_order() -> None:
    plan, corpora = SamplingPlan(batch_size=4), lengths(a=40)
    plan_sampler = PlanSampler(
        lambda epoch: planned(plan.steps(corpora, 0, epoch)), "a", rank=0, world_size=1
    )
    orders = []
    for epoch in (0, 1, 0):
        plan_sampler.set_epoch(epoch)
        orders.append(list(plan_sampler))
    assert orders[0] == orders[2] != orders[1]
