"""Words outside the vocabulary, which training had at most once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from arabic_mtl.text import TextPipeline, TextSettings
from arabic_mtl.text.unknown_words import unknown_words

TEXTS = ["الغرفة نظيفة والسعر مناسب", "الغُرفة مناسبة", "والسعر مناسب 😀 😀"]


def pipeline(folder: Path, **settings: object) -> TextPipeline:
    return TextPipeline.create(folder, TextSettings(**settings), lambda: iter(TEXTS))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    return pipeline(tmp_path_factory.mktemp("words") / "text", form="words")


@pytest.mark.parametrize(
    ("raw", "unknown"),
    [
        ("الغُرفة مناسب والسعر مناسب", []),  # cleaned, and without its proclitic
        ("الغرفة نظيفة", ["نظيفة"]),  # once in training
        ("العَشاء باهـظ!", ["العَشاء", "باهـظ"]),
        ("والغرفة بالباهظ", ["ب", "الباهظ"]),  # a proclitic is a word of its own
        ("السعر 99 🤮 ،", ["99"]),  # neither emoji nor punctuation is a word
        ("", []),
    ],
)
def test_words_that_training_had_at_most_once(
    words: TextPipeline, raw: str, unknown: list[str]
) -> None:
    offsets = unknown_words(words, raw)
    assert offsets is not None
    assert [raw[start:end] for start, end in offsets] == unknown
    found = [match.span() for match in re.finditer("|".join(unknown) or "(?!)", raw)]
    assert offsets == found


def test_pieces_of_words_tell_nothing(tmp_path: Path) -> None:
    assert unknown_words(pipeline(tmp_path / "text", form="pieces"), "العشاء باهظ") is None
