"""Cleaning: choice and order of the steps, and fitting them to a tokenizer."""

from __future__ import annotations

import re
import unicodedata
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarabic import araby
from tokenizers import normalizers

from arabic_mtl.errors import InputError
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.presets import PRESETS
from arabic_mtl.text.steps import FOLDED, STEPS
from support.cases import slow
from support.oracles import FRAGMENTS, LETTERS, ORACLES, raw, strings
from support.tokenizers import bert_folder, hugging_face, learned_folder

TEXT = "الفُنــدقُ رااااائعٌ إلى ٣ أيّامٍ، هٰذا ى ة"


def counts(left_out: dict[str, str]) -> dict[str, int | None]:
    """Returns the number of tokens in each reason; None if the tokenizer does the step itself."""
    numbers = {step: re.match(r"\d+", reason) for step, reason in left_out.items()}
    return {step: int(number[0]) if number else None for step, number in numbers.items()}


def clean(choice: str | list[str], text: str) -> str:
    return Cleaning.from_choice(choice).normalizer.normalize_str(text)


@pytest.mark.parametrize("number", [200, *slow(2000)])
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_applies_its_steps_in_order(preset: str, number: int) -> None:
    normalizer = Cleaning.from_choice(preset).normalizer
    for text in strings(number, seed=1):
        expected = reduce(lambda text, step: ORACLES[step](raw(text)).text, PRESETS[preset], text)
        assert normalizer.normalize_str(text) == expected


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_preset_none_changes_nothing(text: str) -> None:
    assert clean("none", text) == text


@pytest.mark.parametrize(
    ("preset", "cleaned"),
    [
        ("none", TEXT),
        ("light", "الفندق راائع إلى ٣ أيام، هذا ى ة"),
        ("recipe", "الفندق راائع الي 3 ايام، هذا ي ه"),
        ("arabert", "الفندق راائع إلى 3 أيام ، هذا ى ة"),
        ("arabert-twitter", "الفندق راائع إلى 3 أيام ، هذا ى ة"),
        ("marbert", "الفنــدق رااااائع إلى ٣ أيام، هذا ى ة"),
        ("qarib", "الفندق رااااائع الي ٣ ايام، هذا ي ه"),
        ("camelbert", "الفندق رااااائع إلى ٣ أيام، هذا ى ة"),
    ],
)
def test_presets(preset: str, cleaned: str) -> None:
    assert clean(preset, TEXT) == cleaned


@pytest.mark.parametrize(
    ("preset", "text", "cleaned"),
    [
        ("arabert", "a/b 😀٣نجوم", "a - b   3 نجوم"),
        ("arabert-twitter", "حلو😀", "حلو 😀"),
        ("arabert", "quot;ﻻ پاکstan&quot;", '" لا باكstan "'),
        ("arabert", "#1632;#8203;٪", "0 ٪"),
        ("marbert", "@me #حلو me@a.bc https://a.bc", " USER   HASHTAG   URL   URL "),
        ("arabert", "@me", " [مستخدم] "),
        ("camelbert", "\u202bنص\u202c", "نص"),
    ],
)
def test_presets_on_other_text(preset: str, text: str, cleaned: str) -> None:
    assert clean(preset, text) == cleaned


def test_steps_run_in_the_given_order() -> None:
    text = "رائعـعع"
    assert clean(["tatweel", "elongation"], text) == "رائعع"
    assert clean(["elongation", "tatweel"], text) == "رائععع"


@pytest.mark.parametrize(
    ("steps", "found"), [("heavy", ["heavy"]), (["tatweel", "stem", "lower"], ["stem", "lower"])]
)
def test_unknown_steps_are_refused(steps: str | list[str], found: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        Cleaning.from_choice(steps)
    assert caught.value.rule.startswith("`data.text.cleaning` must ")
    assert caught.value.found == found
    presets, _, known = str(caught.value.expected).partition("camelbert")
    names = "none, light, recipe, arabert, arabert-twitter, marbert, qarib, "
    assert presets.endswith(f" {names}")
    assert known.endswith(
        " entities, html, nfkc, controls, persian, tashkeel, tatweel, elongation, "
        "alef, hamza, alef_maksura, teh_marbuta, digits, links, links_latin, emoji, spacing, "
        "slash, arabert_characters, arabert_twitter_characters"
    )


def test_a_preset_equals_the_list_of_its_steps() -> None:
    assert Cleaning.from_choice(list(PRESETS["arabert"])) == Cleaning.from_choice("arabert")
    assert Cleaning.from_choice([]) == Cleaning.from_choice("none") == Cleaning(())


@pytest.mark.parametrize("step", FOLDED)
def test_folded_lists_the_letters_that_a_step_removes(step: str) -> None:
    characters = set("".join(FRAGMENTS) + LETTERS)
    changed_letters = {c for c in characters if ORACLES[step](raw(c)).text != c}
    assert set(FOLDED[step]) == changed_letters


def test_fit_keeps_the_letters_of_a_cased_vocabulary(tmp_path: Path) -> None:
    words = ["أين", "إلى", "غرفة", "على", "سؤال", "٣٠", "پاک"]
    tokenizer = hugging_face(bert_folder(tmp_path / "bert", words)).backend_tokenizer
    cleaning, left_out = Cleaning.from_choice("recipe").fit(tokenizer)
    assert cleaning.steps == ("controls", "tashkeel", "tatweel", "elongation")
    # Only longer tokens count: single letters and ##أ are in any vocabulary.
    assert counts(left_out) == {
        "alef": 2,
        "alef_maksura": 2,
        "teh_marbuta": 1,
        "digits": 1,
    }
    cleaning, left_out = Cleaning(("hamza", "persian")).fit(tokenizer)
    assert (cleaning, counts(left_out)) == (Cleaning(()), {"hamza": 1, "persian": 1})


def test_fit_omits_steps_that_an_uncased_tokenizer_does_itself(tmp_path: Path) -> None:
    folder = bert_folder(tmp_path / "bert", ["اين", "غرفة", "على"], lowercase=True)
    tokenizer = hugging_face(folder).backend_tokenizer
    cleaning, left_out = Cleaning(("hamza", "alef", "teh_marbuta", "tatweel")).fit(tokenizer)
    # Only ٱ, which has no decomposition, is left for `alef` to replace; no word contains it.
    assert cleaning.steps == ("alef", "tatweel")
    assert counts(left_out) == {"hamza": None, "teh_marbuta": 1}


def test_fit_keeps_all_steps_for_a_vocabulary_of_folded_text(tmp_path: Path) -> None:
    texts = [clean("recipe", text) for text in ("الغرفة إلى أين ٣", "على سؤال")]
    tokenizer = hugging_face(learned_folder(tmp_path / "bert", texts)).backend_tokenizer
    assert Cleaning.from_choice("recipe").fit(tokenizer) == (Cleaning.from_choice("recipe"), {})


def test_fit_never_omits_steps_that_fold_no_letters(tmp_path: Path) -> None:
    words = ["نَص", "ـنص", "http://a.bc"]
    tokenizer = hugging_face(bert_folder(tmp_path / "bert", words)).backend_tokenizer
    steps = tuple(step for step in STEPS if step not in FOLDED)
    assert Cleaning(steps).fit(tokenizer) == (Cleaning(steps), {})


def test_normalizer_of_do_lower_case_folds_hamza() -> None:
    normalizer = normalizers.BertNormalizer(lowercase=True)
    fragments = [*LETTERS, *araby.DIACRITICS, araby.TATWEEL, *"abCÉ 1٣"]
    for text in strings(1000, seed=2, fragments=fragments):
        parts = unicodedata.normalize("NFD", text)
        bare = "".join(c for c in parts if unicodedata.category(c) != "Mn")
        assert normalizer.normalize_str(text) == bare.lower()
    assert normalizer.normalize_str("أإآؤئىةٱ") == "اااويىةٱ"


@pytest.mark.parametrize(
    ("steps", "text", "ranges"),
    [
        (["links"], "a http://b.cd/e @me x@y.zz", [(2, 15), (16, 19), (20, 26)]),
        (["entities"], "&quot;aquot; #1632;", [(0, 6), (13, 19)]),
        (["tashkeel", "digits"], "http://b.cd &quot;", []),
        (["links_latin"], "#حلو", [(0, 4)]),
    ],
)
def test_replaced_ranges(steps: list[str], text: str, ranges: list[tuple[int, int]]) -> None:
    assert sorted(Cleaning.from_choice(steps).replaced_ranges(text)) == ranges
