"""Vocabularies of the words that occur at least twice."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from arabic_mtl.text.vocabulary import learn_words
from support.tokenizers import SPECIAL, count_words, sorted_vocabulary


def learn(
    texts: list[str], *, size: int = 200, split: bool = False, placeholders: tuple[str, ...] = ()
) -> PreTrainedTokenizerFast:
    counts = count_words(texts, split_proclitics=split)
    return learn_words(counts, vocab_size=size, split_proclitics=split, placeholders=placeholders)


def test_words_that_occur_once_are_unknown() -> None:
    tokenizer = learn(["غرفة نظيفة غرفة", "فندق غرفة ، فندق"])
    assert sorted_vocabulary(tokenizer) == [*SPECIAL, "غرفة", "فندق"]
    assert tokenizer.tokenize("غرفة نظيفة ، غرف") == ["غرفة", "[UNK]", "[UNK]", "[UNK]"]
    assert tokenizer.pad_token_id == 0
    assert tokenizer.unk_token_id == 1


@given(words=st.lists(st.sampled_from("ابتثجح"), max_size=30), size=st.integers(6, 12))
def test_the_most_frequent_words_are_kept(words: list[str], size: int) -> None:
    vocabulary = sorted_vocabulary(learn([" ".join(words)], size=size))
    counts = Counter(words)
    ranked = sorted((w for w in counts if counts[w] > 1), key=lambda w: (-counts[w], w))
    assert vocabulary == [*SPECIAL, *ranked[: size - len(SPECIAL)]]


def test_proclitics_are_words() -> None:
    texts = ["والغرفة بالغرفة للغرفة"] * 2
    assert learn(texts, split=True).tokenize("والغرفة للغرفة") == ["و", "الغرفة", "لل", "غرفة"]
    assert learn(texts).tokenize("والغرفة للغرفة") == ["والغرفة", "للغرفة"]


def test_placeholders_are_tokens_even_if_they_do_not_occur() -> None:
    tokenizer = learn(["نص نص"], placeholders=("[رابط]", "[بريد]"))
    assert sorted_vocabulary(tokenizer) == [*SPECIAL, "[رابط]", "[بريد]", "نص"]
    assert tokenizer.tokenize("نص [رابط] نص") == ["نص", "[رابط]", "نص"]


def test_typed_special_tokens_are_plain_text() -> None:
    ids = learn(["[ SEP ] [ SEP ]"])("[SEP]")["input_ids"]
    assert len(ids) == 5
    assert not set(range(5)) & set(ids[1:-1])
