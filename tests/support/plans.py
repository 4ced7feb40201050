"""Corpora and sampling plans of all kinds, and what may be said of their steps."""

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


def corpora_of(least: int, most: int = 40) -> st.SearchStrategy[Lengths]:
    """Up to three corpora, each of at least so many rows."""
    of_rows = st.lists(st.integers(1, 60), min_size=least, max_size=most)
    return st.dictionaries(st.sampled_from(NAMES), of_rows.map(np.array), min_size=1).map(
        lambda of: {name: rows.astype(np.int64) for name, rows in of.items()}
    )


lengths_of_rows = corpora_of(0)
by_rows = st.builds(dict, batch_size=st.integers(1, 9))
by_tokens = st.builds(dict, batch_size=st.none(), token_budget=st.integers(1, 300))
pools = st.builds(dict, step=kinds, pool=st.sampled_from([1, 2, 16]))


def plans_of(*options: st.SearchStrategy[Options]) -> st.SearchStrategy[SamplingPlan]:
    """Plans with options of all these kinds."""
    return st.tuples(pools, *options).map(lambda of: SamplingPlan(**dict(ChainMap(*of))))


plans = plans_of(by_rows)
proportional = plans_of(by_rows | by_tokens)


def drawings(names: Iterable[str]) -> st.SearchStrategy[Options]:
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
def cases(draw: st.DrawFn, size: st.SearchStrategy[Options] = by_rows | by_tokens) -> Case:
    """A plan with any options, and corpora for it."""
    of = draw(corpora_of(1))
    return draw(plans_of(size, st.just({}) | drawings(of))), of


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
