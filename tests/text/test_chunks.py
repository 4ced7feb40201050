"""Tokenizing chunk by chunk gives the same tokens as tokenizing whole texts."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from arabic_mtl.text import known
from arabic_mtl.text.chunks import ChunkTokenizer
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.encoding import NO_WORD, Encoding
from support.cases import slow
from support.oracles import FRAGMENTS, strings
from support.tokenizers import TEXTS, pipeline

CLEANINGS = ["none", "light", "recipe", "arabert", "arabert-twitter", "marbert"]
Pair = tuple[ChunkTokenizer, ChunkTokenizer]
texts = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    | st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join),
    max_size=4,
)


class Watched:
    """A tokenizer that records its inputs.

    Args:
        tokenizer: The wrapped tokenizer.
        joins_lines: True to ignore line breaks.
    """

    def __init__(self, tokenizer: Tokenizer, *, joins_lines: bool = False) -> None:
        self.tokenizer, self.joins_lines = tokenizer, joins_lines
        self.texts: list[str] = []

    def encode(self, text: str, **options: Any) -> Any:
        self.texts.append(text)
        lines = text.replace("\n", "") if self.joins_lines else text
        return self.tokenizer.encode(lines, **options)


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tokenizer]:
    """Returns one tokenizer per cleaning preset."""
    folder = tmp_path_factory.mktemp("chunks")
    return {
        name: pipeline(folder / name, [*TEXTS, *FRAGMENTS], cleaning=name, vocab_size=900).tokenizer
        for name in CLEANINGS
    }


def fresh_pair(tokenizer: Tokenizer, cleaning: str) -> Pair:
    """Returns a tokenizer that works by chunks, and one that reads whole texts."""
    chunk_tokenizer = ChunkTokenizer(tokenizer, Cleaning.from_choice(cleaning))
    watched: Any = Watched(tokenizer, joins_lines=True)
    whole_tokenizer = ChunkTokenizer(
        watched, Cleaning.from_choice(cleaning)
    )  # because line breaks change its tokens
    watched.joins_lines = False
    text = "abc\nabc abc"
    assert tokenize(whole_tokenizer, [text]) == tokenize(chunk_tokenizer, [text])
    assert watched.texts[-1] == text
    return chunk_tokenizer, whole_tokenizer


@pytest.fixture(scope="module")
def pairs(tokenizers: dict[str, Tokenizer]) -> dict[str, Pair]:
    return {name: fresh_pair(tokenizer, name) for name, tokenizer in tokenizers.items()}


def recording_tokenizer(tokenizer: Tokenizer, cleaning: str) -> tuple[ChunkTokenizer, list[str]]:
    """Returns a tokenizer that works by chunks, and the list of texts that it will tokenize."""
    watched: Any = Watched(tokenizer)
    recorder = ChunkTokenizer(watched, Cleaning.from_choice(cleaning))
    watched.texts.clear()
    return recorder, watched.texts


def tokenize(tokenizer: ChunkTokenizer, texts: list[str]) -> list[Encoding]:
    """Returns the tokens of each text, without special tokens."""
    return tokenizer.tokenize(texts).encodings()


def token_texts(tokenizer: ChunkTokenizer, text: str) -> list[str]:
    (tokens,) = tokenize(tokenizer, [text])
    return [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]


def words(tokenizer: ChunkTokenizer, text: str) -> list[str]:
    """Returns the raw characters of each word."""
    (tokens,) = tokenize(tokenizer, [text])
    offsets: dict[int, tuple[int, int]] = {}
    for word, start, end in zip(tokens.word_ids, tokens.starts, tokens.ends, strict=True):
        offsets[word] = (offsets.get(word, (start, 0))[0], end)
    return [text[start:end] for start, end in offsets.values()]


@pytest.mark.parametrize("cleaning", CLEANINGS)
@given(texts=texts)
def test_chunks_give_the_tokens_of_whole_texts(
    pairs: dict[str, Pair], cleaning: str, texts: list[str]
) -> None:
    chunk_tokenizer, whole_tokenizer = pairs[cleaning]
    for text, chunk_tokens, whole_tokens in zip(
        texts, tokenize(chunk_tokenizer, texts), tokenize(whole_tokenizer, texts), strict=True
    ):
        assert (text, chunk_tokens) == (text, whole_tokens)


@pytest.mark.parametrize("number", [300, *slow(3000)])
@pytest.mark.parametrize("cleaning", CLEANINGS)
def test_a_batch_of_texts_gives_the_tokens_of_each_text(
    tokenizers: dict[str, Tokenizer], cleaning: str, number: int
) -> None:
    chunk_tokenizer, whole_tokenizer = fresh_pair(tokenizers[cleaning], cleaning)
    source = random.Random(5)
    lines = strings(number, seed=6)
    batch = [f"{line} {source.choice(TEXTS)}" for line in lines]
    tokenized = tokenize(chunk_tokenizer, batch)
    differences = [
        text
        for text, chunk_tokens, whole_tokens in zip(
            batch, tokenized, tokenize(whole_tokenizer, batch), strict=True
        )
        if chunk_tokens != whole_tokens
    ]
    assert differences == []


@given(texts=st.lists(st.text(st.sampled_from("<>ab ")), max_size=4))
def test_tags_across_chunks(tokenizers: dict[str, Tokenizer], texts: list[str]) -> None:
    chunk_tokenizer, whole_tokenizer = fresh_pair(tokenizers["arabert"], "arabert")
    assert tokenize(chunk_tokenizer, texts) == tokenize(whole_tokenizer, texts)


def test_an_unclosed_tag_does_not_affect_other_chunks(pairs: dict[str, Pair]) -> None:
    chunk_tokenizer, whole_tokenizer = pairs["arabert"]
    texts = ["<b", "abc", "z>", "z> abc <b"]
    assert tokenize(chunk_tokenizer, texts) == tokenize(whole_tokenizer, texts)
    assert tokenize(chunk_tokenizer, ["abc"])[0].input_ids


def test_tag_with_spaces_is_one_chunk(pairs: dict[str, Pair]) -> None:
    chunk_tokenizer, _ = pairs["arabert"]
    text = 'جدا <a href="x y">جميل</a> abc'
    assert words(chunk_tokenizer, text) == ["جدا", "جميل", "abc"]


def test_word_indices_continue_across_chunks(pairs: dict[str, Pair]) -> None:
    chunk_tokenizer, _ = pairs["none"]
    first, second = tokenize(chunk_tokenizer, ["abc 12! abc", "! 12"])
    assert list(dict.fromkeys(first.word_ids)) == [0, 1, 2, 3]
    assert list(dict.fromkeys(second.word_ids)) == [0, 1]
    assert (first.starts[0], second.starts[0], second.ends[-1]) == (0, 0, 4)


def test_tokenizing_no_texts_and_empty_texts(pairs: dict[str, Pair]) -> None:
    for tokenizer in pairs["recipe"]:
        assert tokenize(tokenizer, []) == []
        empty = Encoding(
            input_ids=[], token_type_ids=[], starts=[], ends=[], word_ids=[], mark_offsets=[]
        )
        mark = replace(empty, mark_offsets=[0])
        assert tokenize(tokenizer, ["", " \n", "َ", ""]) == [empty, empty, mark, empty]


def test_known_chunks_are_not_tokenized_again(tokenizers: dict[str, Tokenizer]) -> None:
    recorder, texts = recording_tokenizer(tokenizers["recipe"], "recipe")
    initial = tokenize(recorder, ["الغرفة abc", "abc"])
    assert len(texts) == 1
    assert tokenize(recorder, ["abc الغرفة", "abc"])[1] == initial[1]
    assert len(texts) == 1
    (longer,) = tokenize(recorder, ["abc new"])
    assert longer.input_ids[: len(initial[1])] == initial[1].input_ids
    assert texts[1:] == ["new"]


def test_the_cache_is_bounded(
    tokenizers: dict[str, Tokenizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "_CACHE_SIZE", 40)
    monkeypatch.setattr(known, "_RECENT_SIZE", 10)
    recorder, texts = recording_tokenizer(tokenizers["recipe"], "recipe")
    initial = tokenize(recorder, ["abc"])
    tokenize(recorder, [" ".join(f"x{number}" for number in range(50))])
    del texts[:]
    assert tokenize(recorder, ["abc"]) == initial
    assert texts == ["abc"]


def byte_level(*, prefix: bool) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    return tokenizer


def metaspace() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    letters = sorted({letter for fragment in FRAGMENTS for letter in fragment})
    trainer = trainers.UnigramTrainer(
        vocab_size=500, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False
    )
    tokenizer.train_from_iterator([*TEXTS, *letters], trainer)
    return tokenizer


def only_spaces() -> Tokenizer:
    """Returns a tokenizer that does not end words at line breaks."""
    tokenizer = byte_level(prefix=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.CharDelimiterSplit(" "),
            pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=False),
        ]
    )
    return tokenizer


SPACE_SENSITIVE = {
    "byte level": byte_level(prefix=False),
    "RoBERTa": byte_level(prefix=True),
    "Metaspace": metaspace(),
    "only spaces": only_spaces(),
}


@pytest.mark.parametrize("made", SPACE_SENSITIVE.values(), ids=SPACE_SENSITIVE)
@pytest.mark.parametrize("cleaning", ["none", "light"])
def test_a_space_sensitive_tokenizer_reads_whole_texts(made: Tokenizer, cleaning: str) -> None:
    tokenizer = Tokenizer.from_str(made.to_str())
    tokenizer.normalizer = normalizers.Sequence([Cleaning.from_choice(cleaning).normalizer])
    chunk_tokenizer = ChunkTokenizer(tokenizer, Cleaning.from_choice(cleaning))
    texts = ["الغُرفة نظيفة جدا", "abc 12 فندق!", "", "كالفنـــدق"]
    tokenized = tokenize(chunk_tokenizer, texts)
    assert [tokens.input_ids for tokens in tokenized] == [
        tokenizer.encode(text, add_special_tokens=False).ids for text in texts
    ]
    for text, tokens in zip(texts, tokenized, strict=True):
        offsets = list(zip(tokens.starts, tokens.ends, strict=True))
        covered = {n for start, end in offsets for n in range(start, end)}
        assert covered == {n for n, c in enumerate(text) if c != " "}
        assert tokens.starts == sorted(tokens.starts)
        for (start, end), word in zip(offsets, tokens.word_ids, strict=True):
            assert 0 <= start <= end <= len(text)
            assert (start == end) == (word == NO_WORD)


def test_a_tag_written_in_entities_is_the_same_by_chunk_and_as_a_whole(
    pairs: dict[str, Pair],
) -> None:
    chunk_tokenizer, whole_tokenizer = pairs["arabert"]
    texts = ["جميل&lt;br /&gt;جدا", "جميل lt;br class=a gt; جدا"]
    assert tokenize(chunk_tokenizer, texts) == tokenize(whole_tokenizer, texts)


@pytest.mark.parametrize(
    ("cleaning", "text", "expected"),
    [
        ("arabert", "جدا http://a.bc/d?e=f جميل", ["جدا", "http://a.bc/d?e=f", "جميل"]),
        ("arabert", "(www.a.bc)", ["(", "www.a.bc)"]),
        ("arabert", "جدا،http://a.bc،جميل", ["جدا", "،", "http://a.bc", "،", "جميل"]),
        ("arabert", "@me me@ab.cd", ["@me", "me@ab.cd"]),
        ("arabert", "@مُحمّد!", ["@مُحمّد", "!"]),
        ("marbert", "abc https://x.y #حلو", ["abc", "https://x.y", "#حلو"]),
        ("arabert", "abc&quot;12 #1633;#1634;", ["abc", "&quot;", "12", "#1633;#1634;"]),
        ("arabert", "#1575;لغرفة", ["#", "1575", ";", "لغرفة"]),
        ("arabert", "ا&#65275;ن", ["ا&#65275;ن"]),
        ("arabert", "ﻻ ﷲ", ["ﻻ", "ﷲ"]),
        ("arabert", "حلو😀جدا", ["حلو", "جدا"]),
        ("arabert", "\u202bجدا\u202c.", ["جدا\u202c", "."]),
        ("light", "نظيـــفةٌ!!!!", ["نظيـــفةٌ", "!", "!!!"]),
        ("light", "رااااائعععع", ["رااااائعععع"]),
        ("recipe", "وَالغُرفة", ["وَ", "الغُرفة"]),
        ("recipe", "abc ٌabc", ["abc", "abc"]),
        ("none", "جدّاً جدا", ["جدّاً", "جدا"]),
    ],
)
def test_words_cover_all_raw_characters_they_come_from(
    pairs: dict[str, Pair], cleaning: str, text: str, expected: list[str]
) -> None:
    for tokenizer in pairs[cleaning]:
        assert words(tokenizer, text) == expected


@pytest.mark.parametrize(
    ("cleaning", "text", "expected"),
    [
        ("arabert", "&quot;http://a.bc&quot;", ["&quot;", "http://a.bc", "&quot;"]),
        ("arabert", "بِ@me", ["بِ", "@", "me"]),
        ("links", "بِ@me", ["بِ", "@", "me"]),
    ],
)
def test_only_replaced_ranges_are_widened(
    tmp_path: Path, cleaning: str, text: str, expected: list[str]
) -> None:
    steps = cleaning if cleaning == "arabert" else [cleaning]
    recorder = pipeline(tmp_path / "text", cleaning=steps, split_proclitics=False)
    assert words(ChunkTokenizer(recorder.tokenizer, recorder.cleaning), text) == expected
