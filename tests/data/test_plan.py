"""The sampling plan: shuffled buckets, shares of corpora, passes over rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from arabic_mtl.data.plan import Lengths, SamplingPlan, Step
from arabic_mtl.data.shares import apportion
from arabic_mtl.errors import InputError
from support.messages import assert_names
from support.plans import (
    EPOCHS,
    INFINITE,
    Case,
    Kind,
    all_rows,
    batch_sizes,
    cases,
    corpora_strategy,
    finite,
    lengths,
    lengths_in,
    plans,
    proportional,
    row_lengths,
    rows,
    use_counts,
)

seeds = st.integers(0, 9)
epochs = st.integers(0, EPOCHS)
TOKENS = {"batch_size": None, "token_budget": 99}


def padding(steps: list[Step], corpora: Lengths) -> int:
    """Returns the number of padding tokens of the steps."""
    total = 0
    for step in steps:
        row_lengths_in_step = lengths_in(step, corpora)
        total += len(row_lengths_in_step) * max(row_lengths_in_step) - sum(row_lengths_in_step)
    return total


def shares_by_hand(plan: SamplingPlan, corpora: Lengths, epoch: int) -> dict[str, float]:
    """Returns the expected share of each corpus in an epoch."""
    if plan.shares is not None:
        return plan.shares
    temperature = plan.temperature
    if plan.final_temperature is not None and plan.epochs is not None:
        done = min(epoch, plan.epochs - 1) / (plan.epochs - 1)
        temperature = (1 - done) * plan.temperature + done * plan.final_temperature
    weights = {
        name: len(corpus_lengths) ** (1 / temperature) for name, corpus_lengths in corpora.items()
    }
    return {name: weight / sum(weights.values()) for name, weight in weights.items()}


@given(plan=plans, corpora=row_lengths, seed=seeds, epoch=epochs)
def test_epoch_has_every_row_once(
    plan: SamplingPlan, corpora: Lengths, seed: int, epoch: int
) -> None:
    steps = plan.steps(corpora, seed, epoch)
    assert Counter(rows(steps)) == all_rows(corpora)
    sizes = [sum(map(len, step.values())) for step in steps]
    assert all(0 < size <= plan.batch_size for size in sizes)
    counts = [len(lengths) for lengths in corpora.values()]
    full = counts if plan.step == "single" else [sum(counts)]
    assert len(steps) == sum(-(-count // plan.batch_size) for count in full)


@given(plan=proportional, corpora=row_lengths, seed=seeds, epoch=epochs)
def test_epoch_with_a_token_budget_has_every_row_once(
    plan: SamplingPlan, corpora: Lengths, seed: int, epoch: int
) -> None:
    assert Counter(rows(plan.steps(corpora, seed, epoch))) == all_rows(corpora)


@given(case=cases(), seed=seeds, epoch=epochs)
def test_epoch_has_the_share_of_each_corpus(case: Case, seed: int, epoch: int) -> None:
    plan, corpora = case
    counts = Counter(name for name, _ in rows(plan.steps(corpora, seed, epoch)))
    total = sum(map(len, corpora.values()))
    assert counts.total() == total
    for name, share in shares_by_hand(plan, corpora, epoch).items():
        assert abs(counts[name] - total * share) < 1 + 1e-9


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [240, 60]),
        ({"temperature": 2}, [200, 100]),
        ({"temperature": INFINITE}, [150, 150]),
        ({"shares": {"b": 0.9, "a": 0.1}}, [30, 270]),
    ],
)
@pytest.mark.parametrize("kind", ["mixed", "single"])
def test_realised_shares(options: dict[str, Any], expected: list[int], kind: Kind) -> None:
    plan = SamplingPlan(batch_size=10, step=kind, **options)
    counts = Counter(name for name, _ in rows(plan.steps(lengths(a=240, b=60), 0, 3)))
    assert [counts["a"], counts["b"]] == expected


def test_shares_that_add_up_to_one_up_to_rounding_fill_the_epoch() -> None:
    corpora = {name: np.ones(300_000, dtype=np.int64) for name in "abcd"}
    for last in (0.2500009, 0.2499991):
        plan = SamplingPlan(shares={"a": 0.25, "b": 0.25, "c": 0.25, "d": last})
        assert apportion(10**7, plan.corpus_shares(corpora, 0)).sum() == 10**7


@given(case=cases(), seed=seeds, last=epochs)
def test_rows_repeat_only_after_all_others_over_all_epochs(
    case: Case, seed: int, last: int
) -> None:
    plan, corpora = case
    uses: Counter[tuple[str, int]] = Counter()
    for step in chain.from_iterable(plan.steps(corpora, seed, epoch) for epoch in range(last + 1)):
        uses.update(rows([step]))
        for corpus in step:
            times = use_counts(corpus, uses, corpora)
            assert max(times) - min(times) <= 1


@pytest.mark.parametrize("pool", [1, 2, 16])
@pytest.mark.parametrize("size", [{"batch_size": 16}, {"token_budget": 400}])
@pytest.mark.parametrize(
    "drawing",
    [
        {"temperature": 3},
        {"temperature": INFINITE},
        {"shares": {"a": 0.2, "b": 0.3, "c": 0.5}},
        {"final_temperature": 9, "epochs": 3},
    ],
)
def test_rows_of_large_corpora_repeat_only_after_all_others(
    pool: int, size: dict[str, int], drawing: dict[str, Any]
) -> None:
    plan, corpora = SamplingPlan(pool=pool, **size, **drawing), lengths(a=700, b=90, c=11)
    uses = {
        corpus: np.zeros(len(corpus_rows), dtype=np.int64)
        for corpus, corpus_rows in corpora.items()
    }
    for step in chain.from_iterable(plan.steps(corpora, 5, epoch) for epoch in range(3)):
        for corpus, corpus_rows in step.items():
            uses[corpus][corpus_rows] += 1
            assert np.ptp(uses[corpus]) <= 1


def test_passes_that_end_within_an_epoch_keep_steps_large() -> None:
    corpora = lengths(a=3000, b=300, c=40)
    for pool in (1, 16):
        steps = SamplingPlan(pool=pool, temperature=3).steps(
            corpora, 0, 0
        )  # each row of c is used eight times
        assert len(steps) <= 1.02 * 3340 / 32


@given(
    corpora=corpora_strategy(13, 30).filter(lambda corpora: len(corpora) > 1),
    size=st.integers(1, 4),
    temperature=finite | st.just(INFINITE),
    seed=seeds,
)
def test_every_pass_over_a_corpus_ends_before_the_next_begins(
    corpora: Lengths, size: int, temperature: float, seed: int
) -> None:
    plan = SamplingPlan(batch_size=size, pool=1, temperature=temperature)
    all_epochs = [plan.steps(corpora, seed, epoch) for epoch in range(4)]
    fewest = -(-sum(map(len, corpora.values())) // size)
    assume(all(len(steps) == fewest for steps in all_epochs))  # else a copy was postponed
    for corpus, corpus_lengths in corpora.items():
        stream = [row for name, row in rows(list(chain(*all_epochs))) if name == corpus]
        for start in range(0, len(stream), len(corpus_lengths)):
            block = stream[start : start + len(corpus_lengths)]
            assert len(set(block)) == len(block)


def test_passes_have_different_orders() -> None:
    plan = SamplingPlan(batch_size=1, pool=1, temperature=INFINITE)
    stream = [row for name, row in rows(plan.steps(lengths(a=60, b=10), 0, 0)) if name == "b"]
    assert len(stream) == 35
    first, second, third = stream[:10], stream[10:20], stream[20:30]
    assert sorted(first) == sorted(second) == sorted(third) == list(range(10))
    assert first != second != third != first


@given(case=cases(), seed=seeds, epoch=epochs)
def test_step_has_no_row_twice(case: Case, seed: int, epoch: int) -> None:
    plan, corpora = case
    for step in plan.steps(corpora, seed, epoch):
        assert Counter(rows([step])).most_common(1)[0][1] == 1


@given(case=cases(batch_sizes), seed=seeds, epoch=epochs)
def test_steps_have_at_most_the_batch_size(case: Case, seed: int, epoch: int) -> None:
    plan, corpora = case
    assert all(len(rows([step])) <= plan.batch_size for step in plan.steps(corpora, seed, epoch))


@given(case=cases(), budget=st.integers(1, 300), seed=seeds, epoch=epochs)
def test_steps_respect_the_token_budget(case: Case, budget: int, seed: int, epoch: int) -> None:
    plan, corpora = replace(case[0], batch_size=None, token_budget=budget), case[1]
    for step in plan.steps(corpora, seed, epoch) + plan.evaluation_steps(corpora):
        row_lengths_in_step = lengths_in(step, corpora)
        assert (
            len(row_lengths_in_step) == 1
            or len(row_lengths_in_step) * max(row_lengths_in_step) <= budget
        )


def test_token_budget_fills_its_steps() -> None:
    corpora, plan = lengths(a=1000, b=1000), SamplingPlan(token_budget=800)
    steps = plan.steps(corpora, 0, 0)
    tokens = [
        len(row_lengths_in_step) * max(row_lengths_in_step)
        for row_lengths_in_step in (lengths_in(step, corpora) for step in steps)
    ]
    assert np.median(tokens) > 0.95 * 800
    assert max(len(rows([step])) for step in steps) > 48


@given(corpora=row_lengths, size=st.integers(1, 9))
def test_single_steps_hold_one_corpus(corpora: Lengths, size: int) -> None:
    for step in SamplingPlan(batch_size=size, step="single").steps(corpora, 0, 0):
        assert sum(bool(corpus_rows) for corpus_rows in step.values()) == 1


def test_mixed_steps_hold_corpora_in_proportion_to_their_size() -> None:
    steps = SamplingPlan(batch_size=40).steps(lengths(a=3000, b=1000), 0, 0)
    shares = [len(step["b"]) / 40 for step in steps]
    assert np.mean(shares) == pytest.approx(0.25)
    assert 0.1 < np.quantile(shares, 0.05) < np.quantile(shares, 0.95) < 0.4


def test_mixed_steps_hold_corpora_in_proportion_to_their_shares() -> None:
    plan = SamplingPlan(batch_size=40, shares={"a": 0.25, "b": 0.75})
    steps = plan.steps(lengths(a=1000, b=3000), 0, 0)
    shares = [len(step["b"]) / 40 for step in steps if len(rows([step])) == 40]
    assert len(shares) == 100
    assert np.mean(shares) == pytest.approx(0.75)
    assert 0.6 < np.quantile(shares, 0.05) < np.quantile(shares, 0.95) < 0.9


def test_single_steps_are_of_one_pass() -> None:
    plan = SamplingPlan(batch_size=4, step="single", temperature=INFINITE)
    steps = plan.steps(lengths(a=60, b=10), 0, 0)  # 35 rows of each
    assert sorted(len(step["b"]) for step in steps if "b" in step) == [1, 2, 2, 2, *[4] * 7]


def test_steps_of_single_corpora_are_shuffled_together() -> None:
    steps = SamplingPlan(batch_size=10, step="single").steps(lengths(a=1000, b=1000), 0, 0)
    kinds = [bool(step.get("a")) for step in steps]
    assert sum(kinds) == 100
    assert 30 < sum(kinds[:100]) < 70


PINNED: list[tuple[dict[str, Any], list[Step]]] = [
    (
        {"batch_size": 3},
        [
            *({"a": [0, 2], "b": [2]}, {"a": [5, 8], "b": [4]}, {"a": [6, 4], "b": [3]}),
            *({"a": [3, 1], "b": [0]}, {"a": [7, 9], "b": [1]}),
        ],
    ),
    (
        {"token_budget": 28},
        [
            *({"a": [0, 2, 3], "b": [2]}, {"a": [5, 8], "b": [3]}, {"b": [4], "a": [9]}),
            *({"b": [1, 0], "a": [1]}, {"a": [7, 6, 4]}),
        ],
    ),
    (
        {"batch_size": 4, "step": "single"},
        [
            *({"b": [4]}, {"a": [4, 5, 6, 8]}, {"a": [0, 1, 2, 3]}),
            *({"a": [9, 7]}, {"b": [0, 1, 2, 3]}),
        ],
    ),
]


@pytest.mark.parametrize(("options", "expected"), PINNED)
def test_steps_are_stable_across_versions(options: dict[str, Any], expected: list[Step]) -> None:
    """The figures in the documentation were measured with these steps."""
    corpora = {"a": np.arange(1, 11), "b": np.arange(2, 12, 2)}
    assert SamplingPlan(pool=2, **options).steps(corpora, 1, 2) == expected


@pytest.mark.parametrize("kind", ["mixed", "single"])
@pytest.mark.parametrize("pool", [1, 4])
@pytest.mark.parametrize("drawing", [{}, {"temperature": INFINITE}, TOKENS])
def test_order_depends_on_seed_and_epoch(kind: Kind, pool: int, drawing: dict[str, Any]) -> None:
    plan = SamplingPlan(**{"batch_size": 4, "step": kind, "pool": pool, **drawing})
    corpora = lengths(a=30, b=20)
    steps = plan.steps(corpora, 1, 2)
    assert steps == plan.steps(corpora, 1, 2)
    assert steps != plan.steps(corpora, 1, 3)
    assert steps != plan.steps(corpora, 2, 2)
    assert plan.steps(corpora, 2, 1) != steps


@pytest.mark.parametrize("kind", ["mixed", "single"])
def test_order_of_corpora_depends_on_seed_and_epoch(kind: Kind) -> None:
    plan, corpora = SamplingPlan(batch_size=4, step=kind, pool=1), lengths(a=100, b=100)
    orders = {
        "".join(name for name, _ in rows(plan.steps(corpora, seed, epoch)))
        for seed, epoch in ((1, 2), (1, 3), (2, 2))
    }
    assert len(orders) == 3


@given(case=cases(), seed=seeds, epoch=epochs)
def test_steps_are_deterministic(case: Case, seed: int, epoch: int) -> None:
    plan, corpora = case
    expected = plan.steps(corpora, seed, epoch)
    plan.steps(corpora, seed, epoch + 1)
    np.random.seed(5)  # global randomness is ignored
    assert (
        plan.steps(
            {name: corpus_lengths.copy() for name, corpus_lengths in corpora.items()}, seed, epoch
        )
        == expected
    )
    assert replace(plan).steps(corpora, seed, epoch) == expected


def test_buckets_save_padding() -> None:
    corpora = lengths(a=2000)
    steps = {pool: SamplingPlan(batch_size=16, pool=pool).steps(corpora, 0, 0) for pool in (1, 16)}
    assert padding(steps[16], corpora) < 0.25 * padding(steps[1], corpora)


def test_buckets_save_padding_of_tempered_corpora_within_a_token_budget() -> None:
    corpora = lengths(a=2000, b=1000)
    padding_by_pool = {}
    for pool in (1, 16):
        plan = SamplingPlan(token_budget=800, pool=pool, temperature=INFINITE)
        padding_by_pool[pool] = padding(plan.steps(corpora, 0, 0), corpora)
    assert padding_by_pool[16] < 0.25 * padding_by_pool[1]


def test_buckets_stay_in_their_pool() -> None:
    corpora, plan = lengths(a=1000), SamplingPlan(batch_size=10, pool=10)
    short = [min(corpora["a"][step["a"]]) < 10 for step in plan.steps(corpora, 0, 0)]
    assert sum(short) > 10  # each of ten pools has its own short rows


@pytest.mark.parametrize("size", [{"batch_size": 8}, {"token_budget": 300}, {"token_budget": 3000}])
def test_one_corpus_makes_the_same_steps_mixed_or_single(size: dict[str, Any]) -> None:
    corpora = lengths(a=2000)
    mixed, single = (
        sorted(sorted(step["a"]) for step in SamplingPlan(step=kind, **size).steps(corpora, 0, 0))
        for kind in ("mixed", "single")
    )
    assert mixed == single


def test_order_of_length_is_not_the_order_of_steps() -> None:
    corpora = lengths(a=1000)
    longest = [
        max(corpora["a"][step["a"]]) for step in SamplingPlan(batch_size=10).steps(corpora, 0, 0)
    ]
    assert abs(np.corrcoef(longest, np.arange(100))[0, 1]) < 0.3


@pytest.mark.parametrize("pool", [1, 16])
@pytest.mark.parametrize("size", [{"batch_size": 32}, {"token_budget": 2000}])
def test_steps_are_smaller_if_a_small_corpus_would_repeat_a_row(
    pool: int, size: dict[str, Any]
) -> None:
    corpora = lengths(a=300, b=4)
    plan = SamplingPlan(pool=pool, temperature=INFINITE, **size)
    steps = plan.steps(corpora, 0, 0)
    uses = Counter(rows(steps))
    assert use_counts("b", uses, corpora) == [38] * 4
    assert sum(use_counts("a", uses, corpora)) == 152
    assert max(len(rows([step])) for step in steps) == 8  # half of them rows of b
    assert all(len(set(step["b"])) == len(step["b"]) for step in steps if "b" in step)


def test_steps_keep_the_batch_size_if_no_row_must_repeat() -> None:
    corpora = lengths(a=300, b=20)
    steps = SamplingPlan(batch_size=32, pool=1, temperature=INFINITE).steps(corpora, 0, 0)
    assert Counter(rows(steps)).most_common(1)[0][1] == 8
    assert max(len(rows([step])) for step in steps) == 32


def test_temperature_changes_linearly_from_the_first_epoch_to_the_last() -> None:
    corpora = lengths(a=800, b=50)
    linear_plan = SamplingPlan(temperature=1, final_temperature=5, epochs=5)
    for epoch, temperature in enumerate([1, 2, 3, 4, 5, 5, 5]):
        constant_plan = SamplingPlan(temperature=temperature)
        expected = constant_plan.corpus_shares(corpora, 0).tolist()
        assert linear_plan.corpus_shares(corpora, epoch).tolist() == pytest.approx(expected)
        counts = Counter(name for name, _ in rows(linear_plan.steps(corpora, 0, epoch)))
        assert [counts["a"], counts["b"]] == apportion(
            850, constant_plan.corpus_shares(corpora, 0)
        ).tolist()
    assert linear_plan.corpus_shares(corpora, 0).tolist() == pytest.approx([16 / 17, 1 / 17])
    assert linear_plan.corpus_shares(corpora, 1).tolist() == pytest.approx([0.8, 0.2])


@given(first=finite, last=finite, count=st.integers(1, 9).map(lambda n: 2 * n + 1))
def test_middle_epoch_has_the_mean_temperature(first: float, last: float, count: int) -> None:
    corpora = lengths(a=800, b=50)
    plan = SamplingPlan(temperature=first, final_temperature=last, epochs=count)
    for epoch, temperature in ((0, first), (count // 2, (first + last) / 2), (count - 1, last)):
        weight = 16 ** (1 / temperature)
        expected = [weight / (weight + 1), 1 / (weight + 1)]
        assert plan.corpus_shares(corpora, epoch).tolist() == pytest.approx(expected)


def test_is_even_requires_equal_epochs() -> None:
    assert SamplingPlan().is_even
    assert not SamplingPlan(token_budget=100).is_even
    assert not SamplingPlan(temperature=2).is_even
    assert not SamplingPlan(shares={"a": 1.0}).is_even
    assert not SamplingPlan(final_temperature=2, epochs=2).is_even


@given(plan=plans, corpora=row_lengths, seed=seeds)
def test_even_epochs_have_equal_numbers_of_steps(
    plan: SamplingPlan, corpora: Lengths, seed: int
) -> None:
    assert plan.is_even
    assert len({len(plan.steps(corpora, seed, epoch)) for epoch in range(4)}) == 1


@given(plan=plans, corpora=row_lengths)
def test_evaluation_reads_every_row_once_longest_first(
    plan: SamplingPlan, corpora: Lengths
) -> None:
    steps = plan.evaluation_steps(corpora)
    assert Counter(rows(steps)) == all_rows(corpora)
    assert all(len(step) == 1 for step in steps)
    assert all(
        len(corpus_lengths) <= plan.batch_size for step in steps for corpus_lengths in step.values()
    )
    for name, corpus_lengths in corpora.items():
        order = [int(corpus_lengths[row]) for step in steps for row in step.get(name, [])]
        assert order == sorted(corpus_lengths, reverse=True)


@given(case=cases())
def test_evaluation_reads_every_row_once_under_any_plan(case: Case) -> None:
    plan, corpora = case
    assert Counter(rows(plan.evaluation_steps(corpora))) == all_rows(corpora)


def test_corpora_are_evaluated_in_turns() -> None:
    corpora = {"a": np.array([9, 3, 8, 2]), "b": np.array([5, 7]), "c": np.array([1])}
    assert SamplingPlan(batch_size=1).evaluation_steps(corpora) == [
        *({"a": [0]}, {"b": [1]}, {"c": [0]}),
        *({"a": [2]}, {"a": [1]}, {"b": [0]}, {"a": [3]}),
    ]


@given(plan=plans, corpora=corpora_strategy(1))
def test_first_steps_of_an_evaluation_cover_all_corpora(
    plan: SamplingPlan, corpora: Lengths
) -> None:
    steps = plan.evaluation_steps(corpora)
    assert [list(step) for step in steps[: len(corpora)]] == [[name] for name in corpora]
    sizes = {name: sum(name in step for step in steps) for name in corpora}
    for end in range(len(steps) + 1):
        for name, size in sizes.items():
            count = sum(name in step for step in steps[:end])
            assert abs(count - size * end / len(steps)) < len(corpora)


def test_equally_long_rows_keep_their_order_in_evaluation() -> None:
    corpora = {"a": np.array([2, 5, 2, 5, 2])}
    assert SamplingPlan(batch_size=2).evaluation_steps(corpora) == [
        {"a": [1, 3]},
        {"a": [0, 2]},
        {"a": [4]},
    ]
    assert SamplingPlan(token_budget=6).evaluation_steps(corpora) == [
        {"a": [1]},
        {"a": [3]},
        {"a": [0, 2, 4]},
    ]
    (step,) = SamplingPlan(batch_size=600).evaluation_steps({"a": np.arange(600) % 3 + 1})
    assert step["a"] == [*range(2, 600, 3), *range(1, 600, 3), *range(0, 600, 3)]


def test_rows_are_python_integers() -> None:
    plan = SamplingPlan(batch_size=2)
    for steps in (plan.steps(lengths(a=4), 0, 0), plan.evaluation_steps(lengths(a=4))):
        assert {type(row) for _, row in rows(steps)} == {int}


BOTH = ["--data.plan.batch_size=null", "--data.plan.token_budget=null"]
BAD: list[
    tuple[dict[str, Any], list[str], list[str], list[str]]
] = [  # names in rule, found and expected
    ({"batch_size": 0}, ["batch_size"], ["0"], ["1"]),
    ({"token_budget": 0}, ["token_budget"], ["0"], ["1"]),
    ({"pool": 0}, ["pool"], ["0"], ["1"]),
    ({"batch_size": None}, ["batch_size", "token_budget"], [], []),
    (
        {"batch_size": 16, "token_budget": 2000},
        ["batch_size", "token_budget"],
        ["batch_size: 16", "token_budget: 2000"],
        BOTH,
    ),
    ({"temperature": 0.5}, ["temperature", "1"], ["0.5"], ["1"]),
    ({"temperature": float("nan")}, ["temperature", "1"], ["nan"], ["1"]),
    ({"final_temperature": 0.9, "epochs": 3}, ["final_temperature", "1"], ["0.9"], ["1"]),
    (
        {"final_temperature": INFINITE, "epochs": 2},
        ["final_temperature", "temperature"],
        ["1.0", "inf"],
        [],
    ),
    (
        {"temperature": INFINITE, "final_temperature": 1, "epochs": 2},
        ["final_temperature", "temperature"],
        ["inf", "1"],
        [],
    ),
    *(
        (
            {"final_temperature": 2, "epochs": epochs},
            ["final_temperature", "temperature"],
            [f"trainer.max_epochs: {epochs}"],
            ["2"],
        )
        for epochs in (None, -1, 0, 1)
    ),
    ({"shares": {"a": 0.5, "b": 0.4}}, ["shares", "1"], ["0.9", "{'a': 0.5, 'b': 0.4}"], ["1"]),
    *(
        ({"shares": shares}, ["shares"], [str(shares)], ["0"])
        for shares in ({"a": 1.5, "b": -0.5}, {"a": 1.0, "b": 0.0}, {"a": float("nan")})
    ),
    *(
        (
            {"shares": {"a": 1.0}, **options},
            ["temperature", "shares"],
            found,
            ["--data.plan.shares=null"],
        )
        for options, found in (
            ({"temperature": 2}, ["temperature: 2", "final_temperature: None"]),
            ({"final_temperature": 2, "epochs": 2}, ["temperature: 1.0", "final_temperature: 2"]),
        )
    ),
]


@pytest.mark.parametrize(("options", "names", "found", "expected"), BAD)
def test_bad_option_is_refused_by_name(
    options: dict[str, Any], names: list[str], found: list[str], expected: list[str]
) -> None:
    with pytest.raises(InputError) as error:
        SamplingPlan(**options)
    key, *other_names = names
    assert error.value.rule.startswith(f"data.plan.{key} ")
    assert_names(error.value.rule.partition(" ")[2], *other_names)
    assert_names(error.value.found, *found)
    assert_names(error.value.expected, *expected)


@pytest.mark.parametrize("kind", ["mixed", "single"])
def test_default_batch_size_is_ignored_with_a_token_budget(
    kind: Kind,
) -> None:
    corpora = lengths(a=300, b=40)
    plan = SamplingPlan(batch_size=32, token_budget=3000, pool=2, step=kind, temperature=2)
    without = replace(plan, batch_size=None)
    assert plan.steps(corpora, 0, 0) == without.steps(corpora, 0, 0)
    assert plan.evaluation_steps(corpora) == without.evaluation_steps(corpora)


@pytest.mark.parametrize(
    ("shares", "found"), [({"a": 0.5, "c": 0.5}, "a, c"), ({"a": 1.0}, "a"), ({}, None)]
)
def test_shares_of_other_corpora_are_refused(shares: dict[str, float], found: str | None) -> None:
    plan = SamplingPlan(shares=shares)
    with pytest.raises(InputError) as error:
        plan.steps(lengths(a=4, b=4), 0, 0)
    assert error.value.rule.startswith("data.plan.shares ")
    assert found is None or error.value.found == found
    assert_names(error.value.expected, " a, b")


def test_share_of_an_empty_corpus_is_refused() -> None:
    with pytest.raises(InputError, match=r"data\.plan\.shares") as error:
        SamplingPlan(shares={"a": 0.5, "b": 0.5}).steps(lengths(a=4, b=0), 0, 0)
    assert str(error.value.found).split()[-1] == "b"
