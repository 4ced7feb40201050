"""Stemming word by word, each word in its raw place."""

from __future__ import annotations

import pytest
import snowballstemmer
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.text.cleaning import cleaner
from arabic_mtl.text.stemming import stemmer, words

CLEAN = cleaner("recipe").normalize_str


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n ", []),
        ("والغرفة نظيفة", ["والغرفة", "نظيفة"]),
        ("الغُرْفَةُ نظيـــفة!", ["الغُرْفَةُ", "نظيـــفة", "!"]),
        ("(3.5)،جيد", ["(", "3", ".", "5", ")", "،", "جيد"]),
        ("هٰذا_a1 😀", ["هٰذا_a1", "😀"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in words(text)] == expected


@given(text=st.text())
def test_words_cover_all_but_white_space_in_order(text: str) -> None:
    places = words(text)
    covered = [n for start, end in places for n in range(start, end)]
    assert covered == [n for n, character in enumerate(text) if not character.isspace()]


@pytest.mark.parametrize("word", ["والكتاب", "الغرفة", "بالموقع", "نظيفون", "abc", "123", "!"])
def test_stems_are_those_of_snowball(word: str) -> None:
    expected = snowballstemmer.stemmer("arabic").stemWord(CLEAN(word)) or CLEAN(word)
    assert stemmer("snowball", CLEAN)(word) == expected != ""


def test_known_stems() -> None:
    stem = stemmer("snowball", cleaner("light").normalize_str)
    words = ("الغرفة", "نظيفة", "نظيفون", "بالموقع", "كتابهم")
    assert [stem(word) for word in words] == ["غرف", "نظيف", "نظيف", "موقع", "كتاب"]


def test_marks_do_not_hide_an_affix() -> None:
    stem = stemmer("snowball", cleaner("light").normalize_str)
    assert stem("الْغُرْفَةُ") == stem("الغرفــة") == stem("الغرفة") == "غرف"


def test_each_distinct_word_is_cleaned_and_stemmed_once() -> None:
    seen: list[str] = []

    def clean(word: str) -> str:
        seen.append(word)
        return word

    stem = stemmer("snowball", clean)
    assert [stem(word) for word in ("غرفة", "فندق", "غرفة")] == ["غرف", "ندق", "غرف"]
    assert seen == ["غرفة", "فندق"]
