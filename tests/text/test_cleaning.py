"""Steps in a row: their choice, their order, and which of them serve a tokenizer."""

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
from support.oracles import LETTERS, ORACLES, PIECES, raw, strings
from support.tokenizers import bert_folder, hugging_face, learned_folder

TEXT = "الفُنــدقُ رااااائعٌ إلى ٣ أيّامٍ، هٰذا ى ة"


def counts(left_out: dict[str, str]) -> dict[str, int | None]:
    """How many tokens keep a step out; none where the tokenizer does it itself."""
    numbers = {step: re.match(r"\d+", reason) for step, reason in left_out.items()}
    return {step: int(number[0]) if number else None for step, number in numbers.items()}


def clean(choice: str | list[str], text: str) -> str:
    return Cleaning.of(choice).normalizer.normalize_str(text)


@pytest.mark.parametrize("number", [200, *slow(2000)])
@pytest.mark.parametrize("preset", PRESETS)
def test_preset_is_its_steps_in_order(preset: str, number: int) -> None:
    normalizer = Cleaning.of(preset).normalizer
    for text in strings(number, seed=1):
        done = reduce(lambda text, step: ORACLES[step](raw(text)).text, PRESETS[preset], text)
        assert normalizer.normalize_str(text) == done


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_none_changes_nothing(text: str) -> None:
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
        Cleaning.of(steps)
    assert caught.value.rule.startswith("data.text.cleaning ")
    assert caught.value.found == found
    presets, _, known = str(caught.value.expected).partition("camelbert")
    names = "none, light, recipe, arabert, arabert-twitter, marbert, qarib, "
    assert presets.endswith(f" {names}")
    assert known.endswith(
        " entities, html, nfkc, controls, persian, tashkeel, tatweel, elongation, "
        "alef, hamza, alef_maksura, teh_marbuta, digits, links, links_latin, emoji, spacing, "
        "slash, arabert_characters, arabert_twitter_characters"
    )


def test_preset_and_its_list_are_the_same() -> None:
    assert Cleaning.of(list(PRESETS["arabert"])) == Cleaning.of("arabert")
    assert Cleaning.of([]) == Cleaning.of("none") == Cleaning(())


@pytest.mark.parametrize("step", FOLDED)
def test_folded_letters_are_those_that_a_step_does_away_with(step: str) -> None:
    characters = set("".join(PIECES) + LETTERS)
    changed = {c for c in characters if ORACLES[step](raw(c)).text != c}
    assert set(FOLDED[step]) == changed


def test_cased_vocabulary_keeps_its_letters(tmp_path: Path) -> None:
    words = ["أين", "إلى", "غرفة", "على", "سؤال", "٣٠", "پاک"]
    tokenizer = hugging_face(bert_folder(tmp_path / "bert", words)).backend_tokenizer
    fitted, left_out = Cleaning.of("recipe").fitted(tokenizer)
    assert fitted.steps == ("controls", "tashkeel", "tatweel", "elongation")
    # Words and longer pieces; single letters and ##أ are in any vocabulary.
    assert counts(left_out) == {
        "alef": 2,
        "alef_maksura": 2,
        "teh_marbuta": 1,
        "digits": 1,
    }
    fitted, left_out = Cleaning(("hamza", "persian")).fitted(tokenizer)
    assert (fitted, counts(left_out)) == (Cleaning(()), {"hamza": 1, "persian": 1})


def test_uncased_tokenizer_folds_by_itself(tmp_path: Path) -> None:
    folder = bert_folder(tmp_path / "bert", ["اين", "غرفة", "على"], lowercase=True)
    tokenizer = hugging_face(folder).backend_tokenizer
    fitted, left_out = Cleaning(("hamza", "alef", "teh_marbuta", "tatweel")).fitted(tokenizer)
    # ٱ has no decomposition: it is all that is left for `alef` to do, and no word has it.
    assert fitted.steps == ("alef", "tatweel")
    assert counts(left_out) == {"hamza": None, "teh_marbuta": 1}


def test_vocabulary_of_folded_text_keeps_the_steps(tmp_path: Path) -> None:
    texts = [clean("recipe", text) for text in ("الغرفة إلى أين ٣", "على سؤال")]
    tokenizer = hugging_face(learned_folder(tmp_path / "bert", texts)).backend_tokenizer
    assert Cleaning.of("recipe").fitted(tokenizer) == (Cleaning.of("recipe"), {})


def test_step_of_no_letters_is_never_left_out(tmp_path: Path) -> None:
    words = ["نَص", "ـنص", "http://a.bc"]
    tokenizer = hugging_face(bert_folder(tmp_path / "bert", words)).backend_tokenizer
    steps = tuple(step for step in STEPS if step not in FOLDED)
    assert Cleaning(steps).fitted(tokenizer) == (Cleaning(steps), {})


def test_normalizer_of_do_lower_case_folds_hamza() -> None:
    normalizer = normalizers.BertNormalizer(lowercase=True)
    pieces = [*LETTERS, *araby.DIACRITICS, araby.TATWEEL, *"abCÉ 1٣"]
    for text in strings(1000, seed=2, pieces=pieces):
        parts = unicodedata.normalize("NFD", text)
        bare = "".join(c for c in parts if unicodedata.category(c) != "Mn")
        assert normalizer.normalize_str(text) == bare.lower()
    assert normalizer.normalize_str("أإآؤئىةٱ") == "اااويىةٱ"


@pytest.mark.parametrize(
    ("steps", "text", "places"),
    [
        (["links"], "a http://b.cd/e @me x@y.zz", [(2, 15), (16, 19), (20, 26)]),
        (["entities"], "&quot;aquot; #1632;", [(0, 6), (13, 19)]),
        (["tashkeel", "digits"], "http://b.cd &quot;", []),
        (["links_latin"], "#حلو", [(0, 4)]),
    ],
)
def test_replaced_places(steps: list[str], text: str, places: list[tuple[int, int]]) -> None:
    assert sorted(Cleaning.of(steps).replaced(text)) == places
