"""Texts tokenized chunk by chunk give what they give at once."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from arabic_mtl.text.chunks import ChunkTokenizer
from arabic_mtl.text.cleaning import Cleaning
from arabic_mtl.text.encoding import NO_WORD, Pieces
from support.cases import slow
from support.oracles import PIECES, strings
from support.tokenizers import TEXTS, pipeline

CLEANINGS = ["none", "light", "recipe", "arabert", "arabert-twitter", "marbert"]
Pair = tuple[ChunkTokenizer, ChunkTokenizer]
texts = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    | st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    max_size=4,
)


class Watched:
    """A tokenizer that knows what it was given.

    Args:
        tokenizer: Which does the work.
        joins_lines: Take the end of a line for nothing at all.
    """

    def __init__(self, tokenizer: Tokenizer, *, joins_lines: bool = False) -> None:
        self.tokenizer, self.joins_lines = tokenizer, joins_lines
        self.texts: list[str] = []

    def encode(self, text: str, **options: Any) -> Any:
        self.texts.append(text)
        given = text.replace("\n", "") if self.joins_lines else text
        return self.tokenizer.encode(given, **options)


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tokenizer]:
    """By cleaning."""
    folder = tmp_path_factory.mktemp("chunks")
    return {
        name: pipeline(folder / name, [*TEXTS, *PIECES], cleaning=name, vocab_size=900).tokenizer
        for name in CLEANINGS
    }


def fresh_pair(tokenizer: Tokenizer, cleaning: str) -> Pair:
    """One that works by chunks, and one that takes texts as a whole."""
    by_chunk = ChunkTokenizer(tokenizer, Cleaning.of(cleaning))
    watched: Any = Watched(tokenizer, joins_lines=True)
    at_once = ChunkTokenizer(watched, Cleaning.of(cleaning))  # whose tokenizer seems to mind lines
    watched.joins_lines = False
    text = "abc\nabc abc"
    assert at_once.tokenize([text]) == by_chunk.tokenize([text])
    assert watched.texts[-1] == text
    return by_chunk, at_once


@pytest.fixture(scope="module")
def pairs(tokenizers: dict[str, Tokenizer]) -> dict[str, Pair]:
    return {name: fresh_pair(tokenizer, name) for name, tokenizer in tokenizers.items()}


def called(tokenizer: Tokenizer, cleaning: str) -> tuple[ChunkTokenizer, list[str]]:
    """One that works by chunks, and what it asks of its tokenizer from now on."""
    watched: Any = Watched(tokenizer)
    made = ChunkTokenizer(watched, Cleaning.of(cleaning))
    watched.texts.clear()
    return made, watched.texts


def places(tokenizer: ChunkTokenizer, text: str) -> list[str]:
    (pieces,) = tokenizer.tokenize([text])
    return [text[start:end] for start, end in zip(pieces.starts, pieces.ends, strict=True)]


def words(tokenizer: ChunkTokenizer, text: str) -> list[str]:
    """The raw characters of each word."""
    (pieces,) = tokenizer.tokenize([text])
    found: dict[int, tuple[int, int]] = {}
    for word, start, end in zip(pieces.words, pieces.starts, pieces.ends, strict=True):
        found[word] = (found.get(word, (start, 0))[0], end)
    return [text[start:end] for start, end in found.values()]


@pytest.mark.parametrize("cleaning", CLEANINGS)
@given(texts=texts)
def test_chunks_give_what_the_whole_gives(
    pairs: dict[str, Pair], cleaning: str, texts: list[str]
) -> None:
    by_chunk, at_once = pairs[cleaning]
    for text, chunked, whole in zip(
        texts, by_chunk.tokenize(texts), at_once.tokenize(texts), strict=True
    ):
        assert (text, chunked) == (text, whole)


@pytest.mark.parametrize("number", [300, *slow(3000)])
@pytest.mark.parametrize("cleaning", CLEANINGS)
def test_many_texts_together_give_what_each_gives_alone(
    tokenizers: dict[str, Tokenizer], cleaning: str, number: int
) -> None:
    by_chunk, at_once = fresh_pair(tokenizers[cleaning], cleaning)
    source = random.Random(5)
    lines = strings(number, seed=6)
    batch = [f"{line} {source.choice(TEXTS)}" for line in lines]
    found = by_chunk.tokenize(batch)
    differ = [
        text
        for text, chunked, whole in zip(batch, found, at_once.tokenize(batch), strict=True)
        if chunked != whole
    ]
    assert differ == []


@given(texts=st.lists(st.text(st.sampled_from("<>ab ")), max_size=4))
def test_tags_across_chunks(tokenizers: dict[str, Tokenizer], texts: list[str]) -> None:
    by_chunk, at_once = fresh_pair(tokenizers["arabert"], "arabert")
    assert by_chunk.tokenize(texts) == at_once.tokenize(texts)


def test_unclosed_tag_takes_nothing_of_other_chunks(pairs: dict[str, Pair]) -> None:
    by_chunk, at_once = pairs["arabert"]
    texts = ["<b", "abc", "z>", "z> abc <b"]
    assert by_chunk.tokenize(texts) == at_once.tokenize(texts)
    assert by_chunk.tokenize(["abc"])[0].ids


def test_tag_with_spaces_is_one_chunk(pairs: dict[str, Pair]) -> None:
    by_chunk, _ = pairs["arabert"]
    text = 'جدا <a href="x y">جميل</a> abc'
    assert words(by_chunk, text) == ["جدا", "جميل", "abc"]


def test_words_count_on_from_chunk_to_chunk(pairs: dict[str, Pair]) -> None:
    by_chunk, _ = pairs["none"]
    first, second = by_chunk.tokenize(["abc 12! abc", "! 12"])
    assert list(dict.fromkeys(first.words)) == [0, 1, 2, 3]
    assert list(dict.fromkeys(second.words)) == [0, 1]
    assert (first.starts[0], second.starts[0], second.ends[-1]) == (0, 0, 4)


def test_no_text_and_empty_texts(pairs: dict[str, Pair]) -> None:
    for tokenizer in pairs["recipe"]:
        assert tokenizer.tokenize([]) == []
        nothing = Pieces(ids=[], starts=[], ends=[], words=[])
        assert tokenizer.tokenize(["", " \n", "َ", ""]) == [nothing] * 4


def test_known_chunks_are_not_tokenized_again(tokenizers: dict[str, Tokenizer]) -> None:
    made, texts = called(tokenizers["recipe"], "recipe")
    before = made.tokenize(["الغرفة abc", "abc"])
    assert len(texts) == 1
    assert made.tokenize(["abc الغرفة", "abc"])[1] == before[1]
    assert len(texts) == 1
    assert made.tokenize(["abc new"])[0].ids[: len(before[1].ids)] == before[1].ids
    assert texts[1:] == ["new"]


def test_memory_is_bounded(tokenizers: dict[str, Tokenizer]) -> None:
    made, texts = called(tokenizers["recipe"], "recipe")
    before = made.tokenize(["abc"])
    made.tokenize([" ".join(f"x{number}" for number in range(60_000))])
    del texts[:]
    assert made.tokenize(["abc"]) == before
    assert texts == ["abc"]


def byte_level(*, prefix: bool) -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(TEXTS, trainer)
    return made


def metaspace() -> Tokenizer:
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    letters = sorted({letter for piece in PIECES for letter in piece})
    trainer = trainers.UnigramTrainer(
        vocab_size=500, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False
    )
    made.train_from_iterator([*TEXTS, *letters], trainer)
    return made


def only_spaces() -> Tokenizer:
    """Does not know that a line ends a word."""
    made = byte_level(prefix=True)
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.CharDelimiterSplit(" "),
            pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=False),
        ]
    )
    return made


MINDING_SPACES = {
    "byte level": byte_level(prefix=False),
    "RoBERTa": byte_level(prefix=True),
    "Metaspace": metaspace(),
    "only spaces": only_spaces(),
}


@pytest.mark.parametrize("made", MINDING_SPACES.values(), ids=MINDING_SPACES)
@pytest.mark.parametrize("cleaning", ["none", "light"])
def test_tokenizer_that_minds_spaces_gets_whole_texts(made: Tokenizer, cleaning: str) -> None:
    tokenizer = Tokenizer.from_str(made.to_str())
    tokenizer.normalizer = normalizers.Sequence([Cleaning.of(cleaning).normalizer])
    own = ChunkTokenizer(tokenizer, Cleaning.of(cleaning))
    texts = ["الغُرفة نظيفة جدا", "abc 12 فندق!", "", "كالفنـــدق"]
    found = own.tokenize(texts)
    assert [pieces.ids for pieces in found] == [
        tokenizer.encode(text, add_special_tokens=False).ids for text in texts
    ]
    for text, pieces in zip(texts, found, strict=True):
        places = list(zip(pieces.starts, pieces.ends, strict=True))
        covered = {n for start, end in places for n in range(start, end)}
        assert covered == {n for n, c in enumerate(text) if c != " "}
        assert pieces.starts == sorted(pieces.starts)
        for (start, end), word in zip(places, pieces.words, strict=True):
            assert 0 <= start <= end <= len(text)
            assert (start == end) == (word == NO_WORD)


def test_tag_written_in_entities_is_the_same_by_chunk_and_as_a_whole(
    pairs: dict[str, Pair],
) -> None:
    by_chunk, at_once = pairs["arabert"]
    texts = ["جميل&lt;br /&gt;جدا", "جميل lt;br class=a gt; جدا"]
    assert by_chunk.tokenize(texts) == at_once.tokenize(texts)


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
def test_words_have_the_raw_places_of_all_they_come_from(
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
def test_only_what_was_replaced_has_one_place(
    tmp_path: Path, cleaning: str, text: str, expected: list[str]
) -> None:
    steps = cleaning if cleaning == "arabert" else [cleaning]
    made = pipeline(tmp_path / "text", cleaning=steps, split_proclitics=False)
    assert words(ChunkTokenizer(made.tokenizer, made.cleaning), text) == expected
