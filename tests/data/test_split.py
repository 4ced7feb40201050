"""Held-out reviews, and the check for overlapping splits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.data.split import is_held_out, require_disjoint
from arabic_mtl.errors import InputError

NAMES = [str(number) for number in range(4000)]


def held_out(names: list[str], share: float, seed: int) -> set[str]:
    return {name for name in names if is_held_out(name, share=share, seed=seed)}


@pytest.mark.parametrize(
    ("seed", "share", "expected"),
    [
        (0, 0.1, []),
        (0, 0.5, ["3", "4", "7", "9", "10"]),
        (1, 0.5, ["2", "4", "5", "6", "7", "8", "11"]),
    ],
)
def test_known_names(seed: int, share: float, expected: list[str]) -> None:
    # Half of the possible first bytes of `printf SEED:NAME | sha256sum` are below 80.
    names = [str(number) for number in range(12)]
    assert [name for name in names if is_held_out(name, share=share, seed=seed)] == expected


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("seed", [0, 1])
def test_share_of_held_out_reviews_is_approximately_the_configured_one(
    share: float, seed: int
) -> None:
    assert len(held_out(NAMES, share, seed)) / len(NAMES) == pytest.approx(share, abs=0.025)


def test_larger_share_holds_out_a_superset() -> None:
    assert held_out(NAMES, 0.1, 0) < held_out(NAMES, 0.2, 0)


def test_other_seed_holds_out_other_reviews() -> None:
    first, second = held_out(NAMES, 0.1, 0), held_out(NAMES, 0.1, 1)
    assert 10 < len(first & second) < 100  # about a tenth of a tenth
    assert first != second


@given(name=st.text(), seed=st.integers(0, 99))
def test_bounds_of_the_share(name: str, seed: int) -> None:
    assert not is_held_out(name, share=0.0, seed=seed)
    assert is_held_out(name, share=1.0, seed=seed)


def test_disjoint_splits_are_accepted() -> None:
    require_disjoint("reviews", {"train": ["1", "2"], "validation": ["3"], "test": []})
    require_disjoint("reviews", {})


@pytest.mark.parametrize(
    ("groups", "found"),
    [
        ({"train": ["1", "2"], "test": ["2", "3"]}, ["train", "test", "2"]),
        ({"train": ["1"], "validation": ["2"], "test": ["2"]}, ["validation", "test", "2"]),
        (
            {"train": ["d", "a", "b", "c", "x"], "test": ["a", "b", "c", "d", "y"]},
            ["train", "test", "a, b, c ", "1"],
        ),
    ],
)
def test_overlapping_splits_are_refused(groups: dict[str, list[str]], found: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        require_disjoint("hotels", groups)
    names = "train|validation|test|a, b, c |[0-9]"
    key, _, shared_groups = str(caught.value.found).partition(": ")
    assert (key, re.findall(names, shared_groups)) == ("data.corpora.hotels", found)
