"""Word offsets, and the stems of three packages."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import pytest
import simplemma
import snowballstemmer
from hypothesis import given
from hypothesis import strategies as st
from nltk.stem.isri import ISRIStemmer

from arabic_mtl.errors import InputError
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.stems import Stemming, stemmer, words
from support.semeval import sample_texts

KINDS: list[Stemming] = ["snowball", "lemma", "isri"]
STEMS = {
    "none": ["الغرفة", "نظيفون", "بالموقع", "كتابهم", "abc", "123", "!"],
    "snowball": ["غرف", "نظيف", "موقع", "كتاب", "abc", "123", "!"],
    "lemma": ["غرفة", "نظيف", "موقع", "كتاب", "abc", "123", "!"],
    "isri": ["غرف", "نظف", "وقع", "كتب", "abc", "123", "!"],
}


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


@given(text=st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_words_cover_all_but_white_space_in_order(text: str) -> None:
    covered = [n for start, end in words(text) for n in range(start, end)]
    assert covered == [n for n, character in enumerate(text) if not character.isspace()]


@pytest.mark.parametrize("kind", STEMS)
def test_known_stems(kind: Stemming) -> None:
    assert list(map(stemmer(kind), STEMS["none"])) == STEMS[kind]


def test_stems_equal_those_of_the_packages() -> None:
    snowball, isri = snowballstemmer.stemmer("arabic"), ISRIStemmer()
    clean = Cleaning.from_choice("light").normalizer.normalize_str
    vocabulary = {clean(t[a:b]) for t in sample_texts() for a, b in words(t)}
    assert len(vocabulary) > 100
    stems = {kind: stemmer(kind) for kind in KINDS}
    for word in vocabulary:
        assert stems["snowball"](word) == snowball.stemWord(word)
        assert stems["lemma"](word) == simplemma.lemmatize(word, lang="ar")
        assert stems["isri"](word) == isri.stem(word)


@pytest.mark.parametrize(
    ("kind", "package"),
    [("snowball", "snowballstemmer"), ("lemma", "simplemma"), ("isri", "nltk")],
)
def test_a_missing_package_is_reported(
    kind: Stemming, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> ModuleType:
        if name.split(".")[0] == package:
            raise ModuleNotFoundError(f"No module named {name!r}")
        return import_module(name)

    monkeypatch.setattr("arabic_mtl.text.stems.import_module", absent)
    with pytest.raises(InputError) as caught:
        stemmer(kind)
    assert f"`data.text.stemming: {kind}`" in caught.value.rule
    assert str(caught.value.found).split()[-1] == package
    assert caught.value.expected == "pip install 'arabic-mtl[stemming]'"
    others = [other for other in KINDS if other != kind]
    assert [stemmer(other)("!") for other in others] == ["!", "!"]
