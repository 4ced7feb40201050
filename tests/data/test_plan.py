"""The sampling plan: every row once, in shuffled buckets, split exactly among processes."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.data.plan import Lengths, PlanSampler, SamplingPlan, Step

Kind = Literal["mixed", "single"]
kinds: st.SearchStrategy[Kind] = st.sampled_from(["mixed", "single"])
lengths_of_rows = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    st.lists(st.integers(1, 60), max_size=40).map(lambda rows: np.array(rows, dtype=np.int64)),
    min_size=1,
)
plans = st.builds(
    SamplingPlan, batch_size=st.integers(1, 9), step=kinds, pool=st.sampled_from([1, 2, 16])
)


def lengths(**sizes: int) -> Lengths:
    """Corpora of so many rows, of lengths 1 to 50 without order."""
    random = np.random.default_rng(0)
    return {name: random.integers(1, 51, size) for name, size in sizes.items()}


def rows(steps: list[Step]) -> list[tuple[str, int]]:
    return [(name, row) for step in steps for name in step for row in step[name]]


def everything(of: Lengths) -> Counter[tuple[str, int]]:
    return Counter((name, row) for name, lengths in of.items() for row in range(len(lengths)))


def padding(steps: list[Step], of: Lengths) -> int:
    """How many padding tokens the steps need."""
    total = 0
    for step in steps:
        own = [int(of[name][row]) for name in step for row in step[name]]
        total += len(own) * max(own) - sum(own)
    return total


@given(plan=plans, of=lengths_of_rows, seed=st.integers(0, 9), epoch=st.integers(0, 9))
def test_every_row_comes_once_per_epoch(
    plan: SamplingPlan, of: Lengths, seed: int, epoch: int
) -> None:
    steps = plan.steps(of, seed, epoch)
    assert Counter(rows(steps)) == everything(of)
    sizes = [sum(map(len, step.values())) for step in steps]
    assert all(0 < size <= plan.batch_size for size in sizes)
    counts = [len(lengths) for lengths in of.values()]
    full = counts if plan.step == "single" else [sum(counts)]
    assert len(steps) == sum(-(-count // plan.batch_size) for count in full)


@given(of=lengths_of_rows, size=st.integers(1, 9))
def test_single_steps_hold_one_corpus(of: Lengths, size: int) -> None:
    for step in SamplingPlan(batch_size=size, step="single").steps(of, 0, 0):
        assert sum(bool(own) for own in step.values()) == 1


def test_mixed_steps_hold_corpora_in_proportion_to_their_size() -> None:
    steps = SamplingPlan(batch_size=40).steps(lengths(a=3000, b=1000), 0, 0)
    shares = [len(step["b"]) / 40 for step in steps]
    assert np.mean(shares) == pytest.approx(0.25)
    assert 0.1 < np.quantile(shares, 0.05) < np.quantile(shares, 0.95) < 0.4


def test_steps_of_single_corpora_are_shuffled_together() -> None:
    steps = SamplingPlan(batch_size=10, step="single").steps(lengths(a=1000, b=1000), 0, 0)
    kinds = [bool(step.get("a")) for step in steps]
    assert sum(kinds) == 100
    assert 30 < sum(kinds[:100]) < 70


@pytest.mark.parametrize("kind", ["mixed", "single"])
@pytest.mark.parametrize("pool", [1, 4])
def test_seed_and_epoch_decide_the_order(kind: Kind, pool: int) -> None:
    plan, of = SamplingPlan(batch_size=4, step=kind, pool=pool), lengths(a=30, b=20)
    steps = plan.steps(of, 1, 2)
    assert steps == plan.steps(of, 1, 2)
    assert steps != plan.steps(of, 1, 3)
    assert steps != plan.steps(of, 2, 2)
    assert plan.steps(of, 2, 1) != steps


def test_buckets_save_padding() -> None:
    of = lengths(a=2000)
    steps = {pool: SamplingPlan(batch_size=16, pool=pool).steps(of, 0, 0) for pool in (1, 16)}
    assert padding(steps[16], of) < 0.25 * padding(steps[1], of)


def test_buckets_stay_in_their_pool() -> None:
    of, plan = lengths(a=1000), SamplingPlan(batch_size=10, pool=10)
    short = [min(of["a"][step["a"]]) < 10 for step in plan.steps(of, 0, 0)]
    assert sum(short) > 10  # each of ten pools has its own short rows


def test_order_of_length_is_not_the_order_of_steps() -> None:
    of = lengths(a=1000)
    longest = [max(of["a"][step["a"]]) for step in SamplingPlan(batch_size=10).steps(of, 0, 0)]
    assert abs(np.corrcoef(longest, np.arange(100))[0, 1]) < 0.3


@given(plan=plans, of=lengths_of_rows)
def test_evaluation_takes_every_row_once_longest_first(plan: SamplingPlan, of: Lengths) -> None:
    steps = plan.evaluation_steps(of)
    assert Counter(rows(steps)) == everything(of)
    assert all(len(step) == 1 for step in steps)
    assert all(len(own) <= plan.batch_size for step in steps for own in step.values())
    for name, own in of.items():
        order = [int(own[row]) for step in steps for row in step.get(name, [])]
        assert order == sorted(own, reverse=True)


def test_equally_long_rows_are_evaluated_in_their_order() -> None:
    of = {"a": np.array([2, 5, 2, 5, 2])}
    assert SamplingPlan(batch_size=2).evaluation_steps(of) == [
        {"a": [1, 3]},
        {"a": [0, 2]},
        {"a": [4]},
    ]


def test_rows_are_plain_numbers() -> None:
    plan = SamplingPlan(batch_size=2)
    for steps in (plan.steps(lengths(a=4), 0, 0), plan.evaluation_steps(lengths(a=4))):
        assert {type(row) for _, row in rows(steps)} == {int}


def sampler(steps: dict[int, list[Step]], corpus: str, rank: int, world: int) -> PlanSampler:
    return PlanSampler(steps.__getitem__, corpus, rank=rank, world_size=world)


@given(plan=plans, of=lengths_of_rows, world=st.integers(1, 5), epoch=st.integers(0, 3))
def test_processes_share_each_step(plan: SamplingPlan, of: Lengths, world: int, epoch: int) -> None:
    steps = {epoch: plan.steps(of, 0, epoch)}
    shares: list[list[list[tuple[str, int]]]] = []  # process, step, rows of all corpora
    for rank in range(world):
        samplers = {name: sampler(steps, name, rank, world) for name in of}
        for one in samplers.values():
            one.set_epoch(epoch)
            assert len(one) == len(steps[epoch])
        own = {name: list(one) for name, one in samplers.items()}
        assert all(len(rows) == len(steps[epoch]) for rows in own.values())
        numbers = range(len(steps[epoch]))
        shares.append([[(name, row) for name in of for row in own[name][n]] for n in numbers])
    for number, step in enumerate(steps[epoch]):
        of_step = [row for share in shares for row in share[number]]
        assert Counter(of_step) == Counter(rows([step]))
        sizes = [len(share[number]) for share in shares]
        assert max(sizes) - min(sizes) <= 1


def test_sampler_of_a_corpus_yields_its_rows_of_each_step() -> None:
    steps: dict[int, list[Step]] = {0: [{"a": [3, 1, 2], "b": [7]}, {"b": [5, 6]}, {"a": [0]}]}
    assert list(sampler(steps, "a", 0, 1)) == [[3, 1, 2], [], [0]]
    assert list(sampler(steps, "b", 0, 1)) == [[7], [5, 6], []]
    assert [list(sampler(steps, "a", rank, 2)) for rank in (0, 1)] == [
        [[3, 2], [], [0]],
        [[1], [], []],
    ]
    assert [list(sampler(steps, "b", rank, 2)) for rank in (0, 1)] == [
        [[], [5], []],
        [[7], [6], []],
    ]


def test_epoch_of_a_sampler_changes_its_order() -> None:
    plan, of = SamplingPlan(batch_size=4), lengths(a=40)
    one = PlanSampler(lambda epoch: plan.steps(of, 0, epoch), "a", rank=0, world_size=1)
    orders = []
    for epoch in (0, 1, 0):
        one.set_epoch(epoch)
        orders.append(list(one))
    assert orders[0] == orders[2] != orders[1]
