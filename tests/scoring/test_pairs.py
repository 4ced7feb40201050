"""Pairs of gold and predicted examples: by id, by position, and texts that differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.scoring import pair_examples
from support.messages import assert_names

FILE = Path("system.csv")


def named(*names: str) -> list[Example]:
    return [Example(id=name, text=f"text {name}", line=n) for n, name in enumerate(names, 1)]


def numbered(*texts: str, first: int = 1) -> list[Example]:
    return [Example(id=f"line:{n}", text=text, line=n) for n, text in enumerate(texts, first)]


def names(gold: Sequence[Example], system: Sequence[Example]) -> list[tuple[str | None, str]]:
    return [(p and p.id, g.id) for p, g in pair_examples(gold, system, FILE)]


def pair_error(gold: Sequence[Example], system: Sequence[Example]) -> InputError:
    with pytest.raises(InputError) as caught:
        names(gold, system)
    assert caught.value.file == FILE
    return caught.value


def test_ids_join_in_any_order_and_may_lack_in_the_system() -> None:
    found = names(named("a", "b", "c"), named("c", "a"))
    assert found == [("c", "c"), ("a", "a"), (None, "b")]


@pytest.mark.parametrize("with_ids", ["gold", "system", "none"])
def test_texts_join_by_position_unless_both_have_ids(with_ids: str) -> None:
    sides = {side: numbered("text a", "text b", first=n) for n, side in ((1, "gold"), (3, "none"))}
    gold = named("a", "b") if with_ids == "gold" else sides["gold"]
    system = named("a", "b") if with_ids == "system" else sides["none"]
    assert names(gold, system) == [(p.id, g.id) for p, g in zip(system, gold, strict=True)]


@given(st.permutations(range(5)), st.integers(1, 5))
def test_each_gold_text_is_paired_once(order: list[int], number: int) -> None:
    gold = named(*"abcde")
    found = names(gold, [gold[position] for position in order[:number]])
    assert sorted(name for _, name in found) == [*"abcde"]
    assert {p for p, _ in found if p} == {gold[position].id for position in order[:number]}
    assert all(p in (None, g) for p, g in found)


def test_an_id_that_the_gold_file_lacks_raises() -> None:
    error = pair_error(named("a"), named("a", "z"))
    assert (error.line, error.sentence) == (2, "z")
    assert_names(error.found, "z")


@pytest.mark.parametrize(("gold", "system"), [("abc", "ab"), ("ab", "abc"), ("a", ""), ("", "a")])
def test_other_numbers_of_texts_without_ids_raise(gold: str, system: str) -> None:
    error = pair_error(numbered(*gold), numbered(*system))
    assert_names(error.found, f"{len(system)} ", f"{len(gold)} ")


def test_other_texts_raise() -> None:
    error = pair_error(numbered("أ", "غرفة"), numbered("أ", "غرفه"))
    assert (error.found, error.expected) == ("«غرفه», which differs from character 3 on", "«غرفة»")
    assert (error.line, error.sentence) == (2, "line:2")


def test_other_second_texts_raise() -> None:
    gold, system = (Example(id="1", text="أ", pair=pair) for pair in ("ب", None))
    assert pair_error([gold], [system]).expected == "«ب»"
    assert names([gold], [gold]) == [("1", "1")]
