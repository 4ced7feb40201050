"""Corpora and sampling plans of all kinds, and what may be said of their steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from hypothesis import strategies as st

from arabic_mtl.data.plan import Lengths, SamplingPlan, Step

Kind = Literal["mixed", "single"]
Case = tuple[SamplingPlan, Lengths]
Drawing = dict[str, Any]

INFINITE = float("inf")
NAMES = ("a", "b", "c")
EPOCHS = 5

kinds: st.SearchStrategy[Kind] = st.sampled_from(["mixed", "single"])
finite = st.floats(1, 100)


def corpora_of(least: int, most: int = 40) -> st.SearchStrategy[Lengths]:
    """Up to three corpora, each of at least so many rows."""
    of_rows = st.lists(st.integers(1, 60), min_size=least, max_size=most)
    return st.dictionaries(st.sampled_from(NAMES), of_rows.map(np.array), min_size=1).map(
        lambda of: {name: rows.astype(np.int64) for name, rows in of.items()}
    )


lengths_of_rows = corpora_of(0)
sizes: dict[str, st.SearchStrategy[Any]] = {
    "batch_size": st.integers(1, 9),
    "step": kinds,
    "pool": st.sampled_from([1, 2, 16]),
}
budgets = st.none() | st.integers(1, 300)
plans = st.builds(SamplingPlan, **sizes)
proportional = st.builds(SamplingPlan, **sizes, token_budget=budgets)


def drawings(names: Iterable[str]) -> st.SearchStrategy[Drawing]:
    """Options by which corpora are not drawn in proportion to their size."""
    weights = st.fixed_dictionaries({name: st.integers(1, 9) for name in names})
    return st.one_of(
        st.builds(dict, temperature=finite | st.just(INFINITE)),
        st.builds(
            dict, temperature=finite, final_temperature=finite, epochs=st.integers(2, EPOCHS)
        ),
        weights.map(lambda of: {"shares": {name: n / sum(of.values()) for name, n in of.items()}}),
    )


@st.composite
def cases(draw: st.DrawFn, **fixed: Any) -> Case:
    """A plan with any options but those that are fixed, and corpora for it."""
    of = draw(corpora_of(1))
    options = {name: draw(values) for name, values in sizes.items()}
    options |= {"token_budget": draw(budgets)} | draw(st.just({}) | drawings(of)) | fixed
    return SamplingPlan(**options), of


def lengths(**of: int) -> Lengths:
    """Corpora of so many rows, of lengths 1 to 50 without order."""
    random = np.random.default_rng(0)
    return {name: random.integers(1, 51, size) for name, size in of.items()}


def rows(steps: list[Step]) -> list[tuple[str, int]]:
    return [(name, row) for step in steps for name in step for row in step[name]]


def lengths_in(step: Step, of: Lengths) -> list[int]:
    return [int(of[name][row]) for name, row in rows([step])]


def everything(of: Lengths) -> Counter[tuple[str, int]]:
    return Counter((name, row) for name, own in of.items() for row in range(len(own)))


def times_of(corpus: str, found: Counter[tuple[str, int]], of: Lengths) -> list[int]:
    """How often each row of a corpus has come."""
    return [found[corpus, row] for row in range(len(of[corpus]))]
