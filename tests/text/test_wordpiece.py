"""Learned WordPiece vocabularies."""

from __future__ import annotations

import pytest
from transformers import PreTrainedTokenizerFast

from arabic_mtl.text.vocabulary import learn_wordpiece
from support.tokenizers import SPECIAL, TEXTS, count_words, sorted_vocabulary


def learn(
    texts: list[str], *, size: int = 200, split: bool = False, placeholders: tuple[str, ...] = ()
) -> PreTrainedTokenizerFast:
    counts = count_words(texts, split_proclitics=split)
    return learn_wordpiece(
        counts, vocab_size=size, split_proclitics=split, placeholders=placeholders
    )


def test_special_tokens_come_first() -> None:
    assert sorted_vocabulary(learn(TEXTS))[:5] == SPECIAL
    assert learn(TEXTS).pad_token_id == 0


@pytest.mark.parametrize("size", [90, 120])
def test_the_vocabulary_has_the_requested_size(size: int) -> None:
    assert len(learn(TEXTS, size=size).get_vocab()) == size


def test_each_letter_is_a_token_even_beyond_the_size() -> None:
    vocabulary = set(sorted_vocabulary(learn(["abc", "cab d"], size=6)))
    assert vocabulary == {*SPECIAL, *"abcd", "##a", "##b", "##c", "##d"}


def test_frequent_words_are_not_split() -> None:
    tokenizer = learn(["غرفة نظيفة"] * 5, size=60)
    assert tokenizer.tokenize("غرفة نظيفة") == ["غرفة", "نظيفة"]


def test_proclitics_are_words() -> None:
    texts = ["والغرفة بالغرفة للغرفة"] * 5
    assert learn(texts, split=True).tokenize("والغرفة للغرفة") == ["و", "الغرفة", "لل", "غرفة"]
    assert learn(texts).tokenize("والغرفة للغرفة") == ["والغرفة", "للغرفة"]


def test_placeholders_are_not_split() -> None:
    texts = ["نص [رابط] نص"] * 3
    assert learn(texts, placeholders=("[رابط]",)).tokenize("نص [رابط]") == ["نص", "[رابط]"]
    assert learn(texts).tokenize("نص [رابط]") == ["نص", "[", "رابط", "]"]
    assert sorted_vocabulary(learn(texts, placeholders=("[رابط]",)))[5] == "[رابط]"


def test_decoding_joins_subwords() -> None:
    tokenizer = learn(["غرفة", "نظيفة"], size=0)
    assert len(tokenizer.tokenize("غرفة نظيفة")) > 2
    assert tokenizer.decode(tokenizer("غرفة نظيفة")["input_ids"], skip_special_tokens=True) == (
        "غرفة نظيفة"
    )


def test_typed_special_tokens_are_plain_text() -> None:
    ids = learn(["[SEP] ["] * 2)("[SEP]")["input_ids"]
    assert len(ids) == 5
    assert not set(range(5)) & set(ids[1:-1])
