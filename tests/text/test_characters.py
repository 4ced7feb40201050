"""Classes of characters, and letters counted with the marks on them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarabic import araby

from arabic_mtl.text.characters import (
    COMPOSING,
    DIACRITICS,
    after_letters,
    before_letters,
    marks,
    readable,
)

TEXT = "وَالغُـرفة"
MARKS = frozenset(marks(TEXT))


def test_diacritics_are_marks_of_the_arabic_block() -> None:
    block = [chr(n) for n in range(0x600, 0x700)]
    assert set(DIACRITICS) == {c for c in block if unicodedata.category(c) == "Mn"}
    assert "".join(araby.DIACRITICS) == DIACRITICS


def test_composing_marks_are_those_that_unicode_composes_with_a_letter() -> None:
    letters = [chr(n) for n in range(0x620, 0x64B)]
    assert set(COMPOSING) == {
        mark
        for mark in DIACRITICS
        if any(len(unicodedata.normalize("NFC", letter + mark)) == 1 for letter in letters)
    }


@pytest.mark.parametrize("character", [*araby.DIACRITICS, "ـ", "\u0301", "\u200b", "\u202e", "ः"])
def test_what_belongs_to_a_letter(character: str) -> None:
    assert marks(f"ب{character}ب{character}") == [1, 3]


@pytest.mark.parametrize("character", "بaآ1٣ .!\n،_😀ﹱ\x00\ufffd")
def test_what_stands_alone(character: str) -> None:
    assert marks(character * 2) == []


def test_marks_of_a_word() -> None:
    assert sorted(MARKS) == [1, 5, 6]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("غرفة 😀\x00", "غرفة 😀\x00"),
        ("a\ud800b\udfffc", "a\ufffdb\ufffdc"),
        ("\ud83d\ude00", "\ufffd\ufffd"),
        ("\udbff", "\ufffd"),
    ],
)
def test_readable(text: str, shown: str) -> None:
    assert readable(text) == shown


@given(text=st.text(st.characters() | st.characters(categories=["Cs"])))
def test_readable_text_has_its_length_and_can_be_written(text: str) -> None:
    shown = readable(text)
    assert len(shown) == len(text)
    assert shown.encode().decode() == shown
    kept = [new for old, new in zip(text, shown, strict=True) if unicodedata.category(old) != "Cs"]
    assert "".join(kept) == "".join(c for c in text if unicodedata.category(c) != "Cs")


@pytest.mark.parametrize(
    ("letters", "position"), [(0, 0), (1, 2), (2, 3), (3, 4), (4, 7), (5, 8), (7, 10)]
)
def test_after_letters(letters: int, position: int) -> None:
    assert after_letters(0, letters, MARKS) == position


@pytest.mark.parametrize(("letters", "position"), [(0, 10), (1, 9), (3, 7), (4, 4), (5, 3), (7, 0)])
def test_before_letters(letters: int, position: int) -> None:
    assert before_letters(10, letters, MARKS) == position


@given(letters=st.lists(st.sampled_from(["ب", "بَ", "بّـ", "بًٌٍ"])), data=st.data())
def test_letters_before_and_after_are_counted_alike(
    letters: list[str], data: st.DataObject
) -> None:
    text = "".join(letters)
    places = frozenset(marks(text))
    count = data.draw(st.integers(0, len(letters)))
    place = len("".join(letters[:count]))
    assert after_letters(0, count, places) == place
    assert before_letters(len(text), len(letters) - count, places) == place
