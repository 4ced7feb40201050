"""Strategies for corpora and sampling plans, and helpers for their steps."""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from hypothesis import strategies as st

from arabic_mtl.data.plan import Lengths, SamplingPlan, Step

Kind = Literal["mixed", "single"]
Case = tuple[SamplingPlan, Lengths]
Options = dict[str, Any]

INFINITE = float("inf")
NAMES = ("a", "b", "c")
EPOCHS = 5

kinds: st.SearchStrategy[Kind] = st.sampled_from(["mixed", "single"])
finite = st.floats(1, 100)


def corpora_strategy(least: int, most: int = 40) -> st.SearchStrategy[Lengths]:
    """Returns a strategy for the row lengths of up to three corpora.

    Args:
        least: The smallest number of rows of a corpus.
        most: The largest.
    """
    lengths = st.lists(st.integers(1, 60), min_size=least, max_size=most)
    return st.dictionaries(st.sampled_from(NAMES), lengths.map(np.array), min_size=1).map(
        lambda corpora: {name: rows.astype(np.int64) for name, rows in corpora.items()}
    )


row_lengths = corpora_strategy(0)
batch_sizes = st.builds(dict, batch_size=st.integers(1, 9))
token_budgets = st.builds(dict, batch_size=st.none(), token_budget=st.integers(1, 300))
pools = st.builds(dict, step=kinds, pool=st.sampled_from([1, 2, 16]))


def plans_strategy(*options: st.SearchStrategy[Options]) -> st.SearchStrategy[SamplingPlan]:
    """Returns a strategy for plans with options of all these kinds."""
    return st.tuples(pools, *options).map(lambda parts: SamplingPlan(**dict(ChainMap(*parts))))


plans = plans_strategy(batch_sizes)
proportional = plans_strategy(batch_sizes | token_budgets)


def sampling_options(names: Iterable[str]) -> st.SearchStrategy[Options]:
    """Returns a strategy for options that sample corpora out of proportion to their size."""
    weights = st.fixed_dictionaries({name: st.integers(1, 9) for name in names})
    return st.one_of(
        st.builds(dict, temperature=finite | st.just(INFINITE)),
        st.builds(
            dict, temperature=finite, final_temperature=finite, epochs=st.integers(2, EPOCHS)
        ),
        weights.map(
            lambda draws: {"shares": {name: n / sum(draws.values()) for name, n in draws.items()}}
        ),
    )


@st.composite
def cases(draw: st.DrawFn, size: st.SearchStrategy[Options] = batch_sizes | token_budgets) -> Case:
    """Draws a plan with any options, and corpora for the plan."""
    corpora = draw(corpora_strategy(1))
    return draw(plans_strategy(size, st.just({}) | sampling_options(corpora))), corpora


def lengths(**corpora: int) -> Lengths:
    """Returns random row lengths from 1 to 50 for corpora with these numbers of rows."""
    random = np.random.default_rng(0)
    return {name: random.integers(1, 51, size) for name, size in corpora.items()}


def rows(steps: list[Step]) -> list[tuple[str, int]]:
    return [(name, row) for step in steps for name in step for row in step[name]]


def lengths_in(step: Step, corpora: Lengths) -> list[int]:
    return [int(corpora[name][row]) for name, row in rows([step])]


def all_rows(corpora: Lengths) -> Counter[tuple[str, int]]:
    return Counter((name, row) for name, own in corpora.items() for row in range(len(own)))


def use_counts(corpus: str, uses: Counter[tuple[str, int]], corpora: Lengths) -> list[int]:
    """Returns how often each row of a corpus was used."""
    return [uses[corpus, row] for row in range(len(corpora[corpus]))]
