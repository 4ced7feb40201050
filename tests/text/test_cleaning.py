"""Cleaning equals pyarabic's functions, step by step."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import groupby
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarabic import araby
from pyarabic.trans import normalize_digits

from arabic_mtl.errors import InputError
from arabic_mtl.text.cleaning import PRESETS, Step, cleaner

LETTERS = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيٱ"
MARKS = "".join(araby.TASHKEEL) + araby.TATWEEL
MIXED = LETTERS + MARKS + "abcأأأ ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹019 .،!\n😀"
arabic = st.text(st.sampled_from(MIXED), max_size=30)


def shorten(text: str) -> str:
    """Three or more of a letter become two."""
    runs = [(character, len(list(run))) for character, run in groupby(text)]
    letters = {c for c, _ in runs if unicodedata.category(c).startswith("L")}
    return "".join(c * (min(n, 2) if c in letters else n) for c, n in runs)


REFERENCES: dict[str, Callable[[str], str]] = {
    "tashkeel": araby.strip_tashkeel,
    "tatweel": araby.strip_tatweel,
    "elongation": shorten,
    "alef": lambda text: araby.normalize_alef(text.replace("ى", "-")).replace("-", "ى"),
    "alef_maksura": lambda text: text.replace(araby.ALEF_MAKSURA, araby.YEH),
    "teh_marbuta": araby.normalize_teh,
    "digits": normalize_digits,
}


def recipe(text: str) -> str:
    for step in PRESETS["recipe"]:
        text = REFERENCES[step](text)
    return text


def test_every_step_has_a_reference() -> None:
    assert set(REFERENCES) == set(get_args(Step))


@pytest.mark.parametrize("step", REFERENCES)
@given(text=arabic)
def test_step_equals_its_reference(step: str, text: str) -> None:
    assert cleaner([step]).normalize_str(text) == REFERENCES[step](text)


@given(text=arabic)
def test_recipe_is_its_steps_in_order(text: str) -> None:
    assert cleaner("recipe").normalize_str(text) == recipe(text)


@given(text=arabic)
def test_light_keeps_letter_variants(text: str) -> None:
    bare = araby.strip_tatweel(araby.strip_tashkeel(text))
    assert cleaner("light").normalize_str(text) == shorten(bare)


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_none_changes_nothing(text: str) -> None:
    assert cleaner("none").normalize_str(text) == text


@pytest.mark.parametrize(
    ("preset", "cleaned"),
    [
        ("none", "الفُنــدقُ رااااائعٌ إلى ٣ أيّامٍ، هٰذا ى ة"),
        ("light", "الفندق راائع إلى ٣ أيام، هذا ى ة"),
        ("recipe", "الفندق راائع الي 3 ايام، هذا ي ه"),
    ],
)
def test_presets(preset: str, cleaned: str) -> None:
    text = "الفُنــدقُ رااااائعٌ إلى ٣ أيّامٍ، هٰذا ى ة"
    assert cleaner(preset).normalize_str(text) == cleaned


def test_steps_run_in_the_given_order() -> None:
    text = "رائعـعع"
    assert cleaner(["tatweel", "elongation"]).normalize_str(text) == "رائعع"
    assert cleaner(["elongation", "tatweel"]).normalize_str(text) == "رائععع"


@pytest.mark.parametrize(
    ("steps", "found"), [("heavy", ["heavy"]), (["tatweel", "stem", "lower"], ["stem", "lower"])]
)
def test_unknown_steps_are_refused(steps: str | list[str], found: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        cleaner(steps)
    assert caught.value.rule == "data.text.cleaning is a preset or a list of steps"
    assert caught.value.found == found
    assert caught.value.expected == (
        "one of none, light, recipe, or some of tashkeel, tatweel, elongation, alef, "
        "alef_maksura, teh_marbuta, digits"
    )
