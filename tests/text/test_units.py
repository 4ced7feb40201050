"""Stems with the raw offsets of their words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.text import stems as units_module
from arabic_mtl.text.characters import mark_offsets
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.stems import StemmedUnits, Stemming, words
from support.oracles import strings

NONE = Cleaning(())
WHOLE = StemmedUnits("snowball", NONE, split_proclitics=False)
SPLIT = StemmedUnits("snowball", NONE, split_proclitics=True)


def words_and_stems(units: StemmedUnits, text: str) -> list[tuple[str, str]]:
    return [(text[start:end], stem) for (start, end), stem in units(text)]


@pytest.mark.parametrize(
    ("text", "words", "split"),
    [
        ("", [], []),
        ("  \n", [], []),
        ("الغُرْفَةُ", [("الغُرْفَةُ", "غرف")], [("الغُرْفَةُ", "غرف")]),
        (
            "نظيـــفةٌ! a",
            [("نظيـــفةٌ", "نظيف"), ("!", "!"), ("a", "a")],
            [("نظيـــفةٌ", "نظيف"), ("!", "!"), ("a", "a")],
        ),
        ("بالموقع", [("بالموقع", "موقع")], [("ب", "ب"), ("الموقع", "موقع")]),
        ("وَبِالْموقع", [("وَبِالْموقع", "موقع")], [("وَ", "و"), ("بِ", "ب"), ("الْموقع", "موقع")]),
        ("ُّ", [("ُّ", "")], [("ُّ", "")]),
        ("رائعععع", [("رائعععع", "رايعع")], [("رائعععع", "رايعع")]),
    ],
)
def test_words_and_stems(
    text: str, words: list[tuple[str, str]], split: list[tuple[str, str]]
) -> None:
    assert words_and_stems(WHOLE, text) == words
    assert words_and_stems(SPLIT, text) == split


def test_proclitics_are_split_off_before_stemming() -> None:
    # The stemmer keeps the و of والغرفة in the stem, unless it is split off before.
    assert words_and_stems(WHOLE, "والغرفة") == [("والغرفة", "والغرف")]
    assert words_and_stems(SPLIT, "والغرفة") == [("و", "و"), ("الغرفة", "غرف")]


def test_marks_and_letter_variants_do_not_hide_an_affix() -> None:
    stems = {stem for text in ("الْغُرْفَةُ", "الغرفــة", "الغرفة") for _, stem in WHOLE(text)}
    assert stems == {"غرف"}


def test_each_distinct_word_is_stemmed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stemmed_words: list[str] = []

    def stemmer(kind: Stemming) -> object:
        assert kind == "lemma"
        return lambda word: stemmed_words.append(word) or word[:2]

    monkeypatch.setattr(units_module, "stemmer", stemmer)
    units = StemmedUnits("lemma", NONE, split_proclitics=False)
    texts = ("غرفة فندق غرفة", "فندق غرفة")
    assert [[stem for _, stem in units(text)] for text in texts] == [
        ["غر", "فن", "غر"],
        ["فن", "غر"],
    ]
    assert stemmed_words == ["غرفة", "فندق"]


def test_an_empty_stem_is_replaced_by_the_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units_module, "stemmer", lambda kind: lambda word: "")
    assert words_and_stems(StemmedUnits("isri", NONE, split_proclitics=False), "الغُرفة") == [
        ("الغُرفة", "الغرفة")
    ]


@given(text=st.text())
def test_units_cover_the_words_in_order(text: str) -> None:
    assert [span for span, _ in WHOLE(text)] == words(text)


def test_split_words_begin_with_a_letter() -> None:
    for text in strings(1000, seed=4):
        spans = [span for span, _ in SPLIT(text)]
        starts = {start for start, _ in words(text)}
        assert [n for a, b in spans for n in range(a, b)] == [
            n for a, b in words(text) for n in range(a, b)
        ]
        assert set(mark_offsets(text)).isdisjoint(
            start for start, _ in spans if start not in starts
        )


def test_replaced_ranges_are_words_without_stemming() -> None:
    units = StemmedUnits("snowball", Cleaning.from_choice("arabert"), split_proclitics=True)
    result = words_and_stems(units, "الغرفة<br /> &quot;نظيفة&quot; www.a.bc والسعر")
    assert result == [
        ("الغرفة", "غرف"),
        ("<br />", "<br />"),
        ("&quot;", "&quot;"),
        ("نظيفة", "نظيف"),
        ("&quot;", "&quot;"),
        ("www.a.bc", "www.a.bc"),
        ("و", "و"),
        ("السعر", "سعر"),
    ]
