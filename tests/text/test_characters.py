"""Character classes, and offsets that count letters together with their marks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarabic import araby

from arabic_mtl.text.characters import (
    COMPOSING,
    DIACRITICS,
    mark_offsets,
    offset_after,
    offset_before,
    replace_surrogates,
)

TEXT = "وَالغُـرفة"
MARKS = frozenset(mark_offsets(TEXT))


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
def test_marks_belong_to_the_preceding_letter(character: str) -> None:
    assert mark_offsets(f"ب{character}ب{character}") == [1, 3]


@pytest.mark.parametrize("character", "بaآ1٣ .!\n،_😀ﹱ\x00\ufffd")
def test_other_characters_are_no_marks(character: str) -> None:
    assert mark_offsets(character * 2) == []


def test_marks_of_a_word() -> None:
    assert sorted(MARKS) == [1, 5, 6]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("غرفة 😀\x00", "غرفة 😀\x00"),
        ("a\ud800b\udfffc", "a\ufffdb\ufffdc"),
        ("\ud83d\ude00", "\ufffd\ufffd"),
        ("\udbff", "\ufffd"),
    ],
)
def test_replace_surrogates(text: str, expected: str) -> None:
    assert replace_surrogates(text) == expected


@given(text=st.text(st.characters() | st.characters(categories=["Cs"])))
def test_replaced_text_keeps_its_length_and_can_be_encoded(text: str) -> None:
    shown = replace_surrogates(text)
    assert len(shown) == len(text)
    assert shown.encode().decode() == shown
    unchanged = [
        new for old, new in zip(text, shown, strict=True) if unicodedata.category(old) != "Cs"
    ]
    assert "".join(unchanged) == "".join(c for c in text if unicodedata.category(c) != "Cs")


@pytest.mark.parametrize(
    ("letters", "position"), [(0, 0), (1, 2), (2, 3), (3, 4), (4, 7), (5, 8), (7, 10)]
)
def test_offset_after(letters: int, position: int) -> None:
    assert offset_after(0, letters, MARKS) == position


@pytest.mark.parametrize(("letters", "position"), [(0, 10), (1, 9), (3, 7), (4, 4), (5, 3), (7, 0)])
def test_offset_before(letters: int, position: int) -> None:
    assert offset_before(10, letters, MARKS) == position


@given(letters=st.lists(st.sampled_from(["ب", "بَ", "بّـ", "بًٌٍ"])), data=st.data())
def test_offset_after_and_before_agree(letters: list[str], data: st.DataObject) -> None:
    text = "".join(letters)
    marks = frozenset(mark_offsets(text))
    count = data.draw(st.integers(0, len(letters)))
    offset = len("".join(letters[:count]))
    assert offset_after(0, count, marks) == offset
    assert offset_before(len(text), len(letters) - count, marks) == offset
