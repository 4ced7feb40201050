"""The table of a text's words, tokens, offsets and labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.data.walkthrough import walk_through
from arabic_mtl.documents import Span
from arabic_mtl.text import TextPipeline, TextSettings
from arabic_mtl.text.characters import MARK
from support.tokenizers import WORDS

COLUMNS = ["word", "cleaned", "token", "start", "end"]
RAW = "كانت الغُرْفَة نظيـفة، والغرفة"
AS_WORDS = [
    *(("كانت", "كانت", "ك", 0, 1), ("كانت", "كانت", "##ا", 1, 2)),  # four tokens
    *(("كانت", "كانت", "##ن", 2, 3), ("كانت", "كانت", "##ت", 3, 4)),
    ("الغُرْفَة", "الغرفه", "الغرفه", 5, 14),  # marks
    ("نظيـفة", "نظيفه", "نظيفه", 15, 21),  # tatweel
    ("،", "،", "،", 21, 22),
    *(("و", "و", "و", 23, 24), ("الغرفة", "الغرفه", "الغرفه", 24, 30)),  # a proclitic
]
AS_STEMS = [
    *(("كانت", "كان", "ك", 0, 4), ("كانت", "كان", "##ا", 0, 4), ("كانت", "كان", "##ن", 0, 4)),
    ("الغُرْفَة", "غرف", "غرف", 5, 14),
    ("نظيـفة", "نظيف", "نظيف", 15, 21),
    ("،", "،", "،", 21, 22),
    *(("و", "و", "و", 23, 24), ("الغرفة", "غرف", "غرف", 24, 30)),
]

texts = st.text("وفبكلانتةغرمس\u064e\u0651ـ ،!a1\n", max_size=40)
spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted), max_size=3)


def learn_pipeline(folder: Path, **settings: Any) -> TextPipeline:
    return TextPipeline.create(
        folder / "text", TextSettings(vocab_size=300, **settings), lambda: WORDS * 3
    )


@pytest.fixture(scope="module")
def stems(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    return learn_pipeline(tmp_path_factory.mktemp("stems"), stemming="snowball")


def rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return cast("list[tuple[Any, ...]]", list(frame.itertuples(index=False, name=None)))


def test_words_without_stemming(text: TextPipeline) -> None:
    frame = walk_through(text, RAW)
    assert list(frame.columns) == COLUMNS
    assert list(frame.index) == list(range(len(AS_WORDS)))
    assert rows(frame) == AS_WORDS


def test_stems_have_the_offsets_of_their_words(stems: TextPipeline) -> None:
    frame = walk_through(stems, RAW)
    assert list(frame.columns) == COLUMNS
    assert rows(frame) == AS_STEMS


def test_proclitics_within_their_words(tmp_path: Path) -> None:
    frame = walk_through(learn_pipeline(tmp_path, split_proclitics=False), RAW)
    assert rows(frame)[:7] == AS_WORDS[:7]
    assert rows(frame)[7:] == [("والغرفة", "والغرفه", "والغرفه", 23, 30)]


def test_word_outside_the_vocabulary(text: TextPipeline) -> None:
    tokens = rows(walk_through(text, "a ذذذ"))
    assert tokens == [("a", "a", "a", 0, 1), ("ذذذ", "ذذ", "[UNK]", 2, 5)]


def test_a_stem_that_begins_like_a_proclitic(stems: TextPipeline) -> None:
    """The cleaned form is the one that is looked up in the vocabulary: one word with its و."""
    tokens = [row[:2] for row in rows(walk_through(stems, "ووجدنا"))]
    assert list(dict.fromkeys(tokens)) == [("و", "و"), ("وجدنا", "وجد")]


def test_labels_of_two_tasks(text: TextPipeline) -> None:
    ner = [Span(0, 4, "HOTEL"), Span(24, 30, "ROOMS")]
    sentiment = [Span(0, 0, "neutral"), Span(6, 20, "positive")]
    frame = walk_through(text, RAW, {"ner": ner, "sentiment": sentiment})
    assert list(frame.columns) == [*COLUMNS, "ner", "sentiment"]
    assert rows(frame[COLUMNS]) == AS_WORDS
    assert list(frame["ner"]) == ["B-HOTEL", *["I-HOTEL"] * 3, *["O"] * 4, "B-ROOMS"]
    assert list(frame["sentiment"]) == [*["O"] * 4, "B-positive", "I-positive", *["O"] * 3]


@pytest.mark.parametrize(("start", "end"), [(0, 4), (3, 4), (0, 1)])
def test_token_of_a_stem_has_the_offsets_of_the_word(
    stems: TextPipeline, start: int, end: int
) -> None:
    frame = walk_through(stems, RAW, {"ner": [Span(start, end, "A")]})
    assert list(frame["ner"]) == ["B-A", "I-A", "I-A", *["O"] * 5]


def test_only_overlapping_tokens_are_labelled(text: TextPipeline) -> None:
    frame = walk_through(text, RAW, {"ner": [Span(1, 3, "A"), Span(4, 5, "B"), Span(7, 8, "C")]})
    assert list(frame["ner"]) == ["O", "B-A", "I-A", "O", "B-C", *["O"] * 4]


def test_two_spans_on_one_token(text: TextPipeline) -> None:
    """The token belongs to the first span; the second span begins at the next token."""
    first, second = Span(0, 8, "A"), Span(6, 21, "B")
    frame = walk_through(text, RAW, {"one": [first, second], "other": [second, first]})
    assert list(frame["one"]) == ["B-A", *["I-A"] * 4, "B-B", *["O"] * 3]
    assert list(frame["other"]) == ["B-A", *["I-A"] * 3, "B-B", "I-B", *["O"] * 3]


def test_a_null_span_labels_nothing(text: TextPipeline) -> None:
    frame = walk_through(text, RAW, {"sentiment": [Span(0, 0, "positive")], "ner": []})
    assert set(frame["sentiment"]) == set(frame["ner"]) == {"O"}


@pytest.mark.parametrize("raw", ["", " \n\t", "\u064eـ\u0651", "\u200f", " ـ "])
@pytest.mark.parametrize("stemmed", [False, True])
def test_text_without_words(
    text: TextPipeline, stems: TextPipeline, raw: str, stemmed: bool
) -> None:
    frame = walk_through(stems if stemmed else text, raw, {"ner": [Span(0, 0, "A")]})
    assert list(frame.columns) == [*COLUMNS, "ner"]
    assert frame.empty


def test_surrogate_character(text: TextPipeline) -> None:
    """`TextPipeline.encode` accepts surrogates, and so does `predict`."""
    assert len(text.encode(["a \ud800"], [None])[0]) == 4
    tokens = rows(walk_through(text, "a \ud800"))
    assert [row[2:] for row in tokens] == [("a", 0, 1), ("[UNK]", 2, 3)]


@given(texts)
def test_slices_rebuild_the_words(text: TextPipeline, raw: str) -> None:
    word, cleaned, rest = "", "", list(raw)
    for raw_word, cleaned_slice, token, start, end in rows(walk_through(text, raw)):
        word += raw[start:end]
        cleaned += token.removeprefix("##")
        assert raw_word.startswith(word)
        rest[start:end] = " " * (end - start)
        if word == raw_word:
            # !!! becomes two words; the last sign belongs to the second, whose word is !!.
            signs = len(cleaned) == 1 and set(cleaned) == set(cleaned_slice)
            assert signs or cleaned in (cleaned_slice, "[UNK]")
            word = cleaned = ""
    assert word == ""
    assert all(letter.isspace() or MARK.match(letter) for letter in rest)


@given(texts, spans)
def test_labelled_tokens_overlap_a_span(
    stems: TextPipeline, raw: str, spans: list[list[int]]
) -> None:
    given_spans = [Span(start, end, f"{n}") for n, (start, end) in enumerate(spans) if end > start]
    frame = walk_through(stems, raw, {"ner": given_spans})
    for word, _, _, start, end, label in rows(frame):
        assert raw[start:end] == word != ""
        token_range = set(range(start, end))
        overlapping = [s.label for s in given_spans if token_range & set(range(s.start, s.end))]
        assert label[2:] == "".join(overlapping[:1])
    for label in {tag[2:] for tag in frame["ner"] if tag != "O"}:
        first, *following = [tag for tag in frame["ner"] if tag[2:] == label]
        assert (first, set(following)) in ((f"B-{label}", set()), (f"B-{label}", {f"I-{label}"}))
