"""Splitting off proclitics, in Python and inside a tokenizer."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import pre_tokenizers

from arabic_mtl.text.clitics import proclitic_splitter, proclitics

SPLITTER = proclitic_splitter(pre_tokenizers.WhitespaceSplit())
CASES = {
    "والغرفة": ["و", "الغرفة"],
    "فالسعر": ["ف", "السعر"],
    "بالموقع": ["ب", "الموقع"],
    "كالفندق": ["ك", "الفندق"],
    "للمطعم": ["لل", "مطعم"],
    "وبالموقع": ["و", "ب", "الموقع"],
    "فكالفندق": ["فكالفندق"],  # only one of ف, ب and ك
    "فندق": ["فندق"],
    "فطور": ["فطور"],
    "وللمطعم": ["و", "لل", "مطعم"],
    "وكتب": ["و", "كتب"],  # four letters are enough
    "وقت": ["وقت"],  # three are not
    "بارد": ["بارد"],
    "بالغ": ["بالغ"],
    "بالغر": ["ب", "الغر"],
    "للف": ["للف"],
    "للفن": ["لل", "فن"],
    "ولد": ["ولد"],
    "لبيت": ["لبيت"],  # a single ل is not split
    "ووصلنا": ["و", "وصلنا"],
    "وwifi": ["وwifi"],
    "و123": ["و123"],
    "": [""],
    "abc": ["abc"],
}


def parts(word: str) -> list[str]:
    return [word[start:end] for start, end in pairwise([*proclitics(word), len(word)])]


@pytest.mark.parametrize(("word", "expected"), CASES.items())
def test_proclitics(word: str, expected: list[str]) -> None:
    assert parts(word) == expected


@pytest.mark.parametrize(("word", "expected"), [case for case in CASES.items() if case[0]])
def test_proclitic_splitter(word: str, expected: list[str]) -> None:
    text = f"  {word} {word}"
    split = SPLITTER.pre_tokenize_str(text)
    assert [part for part, _ in split] == expected * 2
    assert [text[start:end] for _, (start, end) in split] == expected * 2


@given(word=st.text(st.sampled_from("وفبكلالغرفةa1"), min_size=1, max_size=9))
def test_python_and_tokenizer_split_alike(word: str) -> None:
    assert [part for part, _ in SPLITTER.pre_tokenize_str(word)] == parts(word)


@given(word=st.text(st.sampled_from("وفبكلالغرفةء")))
def test_parts_make_up_the_word(word: str) -> None:
    starts = proclitics(word)
    assert starts == sorted(set(starts))
    assert starts[0] == 0
    assert "".join(parts(word)) == word
    assert len(starts) == 1 or len(word) - starts[-1] >= 2
