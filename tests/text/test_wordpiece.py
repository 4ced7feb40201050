"""A vocabulary learned from one's own text."""

from __future__ import annotations

import pytest
from transformers import PreTrainedTokenizerFast

from arabic_mtl.text.vocabulary import learn_wordpiece
from support.tokenizers import SPECIAL, TEXTS, in_order


def learn(
    texts: list[str], *, size: int = 200, split: bool = False, placeholders: tuple[str, ...] = ()
) -> PreTrainedTokenizerFast:
    return learn_wordpiece(
        lambda: texts, vocab_size=size, split_proclitics=split, placeholders=placeholders
    )


def test_special_tokens_come_first() -> None:
    assert in_order(learn(TEXTS))[:5] == SPECIAL
    assert learn(TEXTS).pad_token_id == 0


@pytest.mark.parametrize("size", [90, 120])
def test_vocabulary_has_the_size_that_is_asked_for(size: int) -> None:
    assert len(learn(TEXTS, size=size).get_vocab()) == size


def test_each_letter_has_its_place_even_so() -> None:
    vocabulary = set(in_order(learn(["abc", "cab d"], size=6)))
    assert vocabulary == {*SPECIAL, *"abcd", "##a", "##b", "##c", "##d"}


def test_frequent_words_are_whole() -> None:
    tokenizer = learn(["غرفة نظيفة"] * 5, size=60)
    assert tokenizer.tokenize("غرفة نظيفة") == ["غرفة", "نظيفة"]


def test_proclitics_are_words() -> None:
    texts = ["والغرفة بالغرفة للغرفة"] * 5
    assert learn(texts, split=True).tokenize("والغرفة للغرفة") == ["و", "الغرفة", "لل", "غرفة"]
    assert learn(texts).tokenize("والغرفة للغرفة") == ["والغرفة", "للغرفة"]


def test_placeholders_are_kept_whole() -> None:
    texts = ["نص [رابط] نص"] * 3
    assert learn(texts, placeholders=("[رابط]",)).tokenize("نص [رابط]") == ["نص", "[رابط]"]
    assert learn(texts).tokenize("نص [رابط]") == ["نص", "[", "رابط", "]"]
    assert in_order(learn(texts, placeholders=("[رابط]",)))[5] == "[رابط]"


def test_decoding_joins_pieces() -> None:
    tokenizer = learn(["غرفة", "نظيفة"], size=0)
    assert len(tokenizer.tokenize("غرفة نظيفة")) > 2
    assert tokenizer.decode(tokenizer("غرفة نظيفة")["input_ids"], skip_special_tokens=True) == (
        "غرفة نظيفة"
    )


def test_typed_special_token_stays_text() -> None:
    ids = learn(["[SEP] ["] * 2)("[SEP]")["input_ids"]
    assert len(ids) == 5
    assert not set(range(5)) & set(ids[1:-1])
