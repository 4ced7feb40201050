"""Words read back from tokens, as the text pipeline cleaned them."""

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


def test_words_are_cleaned_and_split_and_have_raw_offsets(text: TextPipeline) -> None:
    raw = "والغُرفة  نظيـــفةٌ!"
    (found,) = read(text, [raw], [None])
    assert found.words == ["و", "الغرفه", "نظيفه", "!"]
    words = [raw[word.start : word.end] for word in found.word_offsets]
    assert words == ["و", "الغُرفة", "نظيـــفةٌ", "!"]
    assert found.pair == []


def test_a_row_is_read_without_its_padding(text: TextPipeline) -> None:
    long, short = read(text, ["الغرفة واسعة جدا", "فندق"], [None, "كالفندق"])
    assert long.words == ["الغرفه", "و", "اسعه", "جدا"]
    assert (short.words, short.pair) == (["فندق"], ["ك", "الفندق"])


def test_unknown_tokens_are_words(text: TextPipeline) -> None:
    (found,) = read(text, ["فندق 字 جميل"], [None])
    assert found.words == ["فندق", "[UNK]", "جميل"]


def test_a_text_without_words(text: TextPipeline) -> None:
    (found,) = read(text, ["  "], [None])
    assert (found.words, found.word_offsets, found.pair) == ([], [], [])


@given(st.text(alphabet="".join(WORDS), max_size=40))
def test_words_are_the_cleaned_words_of_the_pipeline(text: TextPipeline, raw: str) -> None:
    assume("..." not in raw)  # cleaned to two full stops, each the word of a part of the three
    (found,) = read(text, [raw], [None])
    assert found.words == [text.clean_word(raw[p.start : p.end]) for p in found.word_offsets]


@pytest.mark.parametrize("lowercase", [False, True])
def test_a_pretrained_tokenizer_leaves_words_whole(tmp_path: Path, *, lowercase: bool) -> None:
    model = save_model(tmp_path / "model", lowercase=lowercase)
    text = TextPipeline.create(tmp_path / "text", TextSettings(pretrained=str(model)), list)
    (found,) = read(text, ["والغرفة نظيفة"], ["الغرفة"])
    assert (found.words, found.pair) == (["والغرفة", "نظيفة"], ["الغرفة"])


def test_stemmed_words_are_read_as_stems(tmp_path: Path) -> None:
    text = TextPipeline.create(
        tmp_path / "text", TextSettings(vocab_size=300, stemming="snowball"), lambda: WORDS * 3
    )
    raw = "الموظفون رائعون"
    (found,) = read(text, [raw], [None])
    assert found.words == [text.clean_word(word) for word in raw.split()]
    assert found.words != raw.split()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    """Returns a pipeline of whole words with letters, whose vocabulary has no words."""
    folder = tmp_path_factory.mktemp("whole") / "text"
    return TextPipeline.create(folder, TextSettings(form="words", vocab_size=300), list)


def test_unknown_whole_words_are_read_from_their_letters(whole: TextPipeline) -> None:
    raw = "والغُرفة  نظيـــفةٌ!"
    long, short = read(whole, [raw, "字"], ["كالفندقِ 字", None])
    assert long.words == ["و", "الغرفه", "نظيفه", "!"]
    assert [raw[p.start : p.end] for p in long.word_offsets] == ["و", "الغُرفة", "نظيـــفةٌ", "!"]
    assert long.pair == ["ك", "الفندق", "字"]
    assert (short.words, short.pair) == (["字"], [])
    (nothing,) = read(whole, ["  "], [None])
    assert (nothing.words, nothing.word_offsets, nothing.pair) == ([], [], [])


@given(st.text(max_size=40))
def test_whole_words_with_letters_are_never_unknown(whole: TextPipeline, raw: str) -> None:
    (found,) = read(whole, [raw], [None])
    cleaned = [whole.clean_word(raw[p.start : p.end]) for p in found.word_offsets]
    assert found.words == [word or "[UNK]" for word in cleaned]  # a control character is [UNK]


@given(st.text(alphabet="".join(WORDS), max_size=40), st.none() | st.sampled_from(WORDS))
def test_words_are_the_same_from_subwords_and_from_letters(
    text: TextPipeline, whole: TextPipeline, raw: str, pair: str | None
) -> None:
    """Ignores texts with unknown subwords, and runs of full stops, which are cleaned to two."""
    (one,), (other,) = (read(pipeline, [raw], [pair]) for pipeline in (text, whole))
    if "[UNK]" not in one.words and "..." not in raw:
        assert other.words == one.words
        assert "".join(other.pair) == "".join(one.pair)  # subwords are joined at punctuation
        assert [p[1:] for p in other.word_offsets] == [p[1:] for p in one.word_offsets]
