"""What the encoder reads, put together again: words as the text pipeline leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from arabic_mtl.baselines.linear.reading import Reader, Text
from arabic_mtl.text import TextPipeline, TextSettings
from support.models import save_model
from support.tokenizers import WORDS
from support.tokens import pad


def read(text: TextPipeline, texts: Sequence[str], pairs: Sequence[str | None]) -> list[Text]:
    encodings = text.encode(texts, pairs)
    return Reader(text.tokenizer)(pad(encodings, text.pad_id))


def test_words_are_cleaned_and_split_and_know_their_raw_places(text: TextPipeline) -> None:
    raw = "والغُرفة  نظيـــفةٌ!"
    (found,) = read(text, [raw], [None])
    assert found.words == ["و", "الغرفه", "نظيفه", "!"]
    places = [raw[place.start : place.end] for place in found.places]
    assert places == ["و", "الغُرفة", "نظيـــفةٌ", "!"]
    assert found.pair == []


def test_a_row_is_read_without_its_padding(text: TextPipeline) -> None:
    long, short = read(text, ["الغرفة واسعة جدا", "فندق"], [None, "كالفندق"])
    assert long.words == ["الغرفه", "و", "اسعه", "جدا"]
    assert (short.words, short.pair) == (["فندق"], ["ك", "الفندق"])


def test_what_is_not_in_the_vocabulary_is_a_word(text: TextPipeline) -> None:
    (found,) = read(text, ["فندق 字 جميل"], [None])
    assert found.words == ["فندق", "[UNK]", "جميل"]


def test_a_text_without_words(text: TextPipeline) -> None:
    (found,) = read(text, ["  "], [None])
    assert (found.words, found.places, found.pair) == ([], [], [])


@given(st.text(alphabet="".join(WORDS), max_size=40))
def test_words_are_those_that_the_pipeline_shows_to_people(text: TextPipeline, raw: str) -> None:
    assume("..." not in raw)  # of which cleaning leaves two, each a word over a part of the three
    (found,) = read(text, [raw], [None])
    assert found.words == [text.cleaned_word(raw[p.start : p.end]) for p in found.places]


@pytest.mark.parametrize("lowercase", [False, True])
def test_a_pretrained_tokenizer_leaves_words_whole(tmp_path: Path, *, lowercase: bool) -> None:
    model = save_model(tmp_path / "model", lowercase=lowercase)
    text = TextPipeline.create(tmp_path / "text", TextSettings(pretrained=str(model)), list)
    (found,) = read(text, ["والغرفة نظيفة"], ["الغرفة"])
    assert (found.words, found.pair) == (["والغرفة", "نظيفة"], ["الغرفة"])


def test_stems_are_read_where_the_pipeline_stems(tmp_path: Path) -> None:
    text = TextPipeline.create(
        tmp_path / "text", TextSettings(vocab_size=300, stemming="snowball"), lambda: WORDS * 3
    )
    raw = "الموظفون رائعون"
    (found,) = read(text, [raw], [None])
    assert found.words == [text.cleaned_word(word) for word in raw.split()]
    assert found.words != raw.split()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    """Whole words with their letters; none of them is in the vocabulary."""
    folder = tmp_path_factory.mktemp("whole") / "text"
    return TextPipeline.create(folder, TextSettings(form="words", vocab_size=300), list)


def test_words_that_no_vocabulary_has_are_read_by_their_letters(whole: TextPipeline) -> None:
    raw = "والغُرفة  نظيـــفةٌ!"
    long, short = read(whole, [raw, "字"], ["كالفندقِ 字", None])
    assert long.words == ["و", "الغرفه", "نظيفه", "!"]
    assert [raw[p.start : p.end] for p in long.places] == ["و", "الغُرفة", "نظيـــفةٌ", "!"]
    assert long.pair == ["ك", "الفندق", "字"]
    assert (short.words, short.pair) == (["字"], [])
    (nothing,) = read(whole, ["  "], [None])
    assert (nothing.words, nothing.places, nothing.pair) == ([], [], [])


@given(st.text(max_size=40))
def test_no_whole_word_with_letters_is_unknown(whole: TextPipeline, raw: str) -> None:
    (found,) = read(whole, [raw], [None])
    cleaned = [whole.cleaned_word(raw[p.start : p.end]) for p in found.places]
    assert found.words == [word or "[UNK]" for word in cleaned]  # such as of a control character


@given(st.text(alphabet="".join(WORDS), max_size=40), st.none() | st.sampled_from(WORDS))
def test_words_are_the_same_whole_or_in_pieces(
    text: TextPipeline, whole: TextPipeline, raw: str, pair: str | None
) -> None:
    """Where the pieces are known: of a run of full stops, cleaning leaves two."""
    (one,), (other,) = (read(each, [raw], [pair]) for each in (text, whole))
    if "[UNK]" not in one.words and "..." not in raw:
        assert other.words == one.words
        assert "".join(other.pair) == "".join(one.pair)  # pieces are joined at punctuation
        assert [p[1:] for p in other.places] == [p[1:] for p in one.places]
