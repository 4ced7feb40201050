"""Letter n-grams: hashes as a loop computes them, and vectors that depend only on the word."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from arabic_mtl.model.encoders.ngrams import NgramBag
from arabic_mtl.text import Encoding
from arabic_mtl.text.ngrams import LONGEST, NO_NGRAM, ngram_hashes, ngram_table
from support.semeval import sample_texts

SHORTEST = 2  # letters of an n-gram, marks included
LETTERS = "ابةتجدرسعغفقكلمنهوىيأؤabz3٣!"
word = st.text(LETTERS, max_size=8)
rows_of_words = st.lists(st.lists(word, max_size=5), min_size=1, max_size=4)


def wrapped(number: int) -> int:
    """Returns a number as a signed 64-bit integer."""
    return (number + 2**63) % 2**64 - 2**63


def ngram_hash(ngram: Sequence[int]) -> int:
    """Returns a polynomial hash of the code points, with its high bits mixed into the low bits."""
    value = 0
    for letter in ngram:
        value = wrapped(value * 1_000_003 + letter)
    mixed = wrapped(value * 0x9E3779B1)
    return (mixed ^ (mixed >> 29)) & 0x7FFFFFFF


def word_hashes(word: str) -> list[int]:
    """Returns the sorted hashes of a word's n-grams; none for a word without letters."""
    marked = [2, *map(ord, word), 3] if word else []
    return sorted(
        ngram_hash(marked[start : start + length])
        for length in range(SHORTEST, LONGEST + 1)
        for start in range(len(marked) - length + 1)
    )


def flat(words: Sequence[str]) -> tuple[Tensor, Tensor]:
    letters = torch.tensor([ord(letter) for word in words for letter in word], dtype=torch.long)
    return letters, torch.tensor(list(map(len, words)), dtype=torch.long)


def padded(rows: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor]:
    """Returns padded letters (rows, letters) and word lengths (rows, words)."""
    columns = zip(*(flat(row) for row in rows), strict=True)
    letters, sizes = (pad_sequence(list(column), batch_first=True) for column in columns)
    return letters, sizes


def bag(buckets: int = 1000) -> NgramBag:
    torch.manual_seed(0)
    return NgramBag(buckets, 4)


@given(words=st.lists(word, max_size=6))
def test_hashes_equal_those_of_a_loop(words: list[str]) -> None:
    hashes, numbers = ngram_hashes(*(array.numpy() for array in flat(words)))
    values_by_word: list[list[int]] = [[] for _ in words]
    for value, number in zip(hashes.tolist(), numbers.tolist(), strict=True):
        values_by_word[number].append(value)
    assert list(map(sorted, values_by_word)) == list(map(word_hashes, words))
    assert numbers.tolist() == sorted(numbers.tolist())


def test_ngrams_of_one_letter_and_of_two() -> None:
    assert word_hashes("و") == sorted(
        ngram_hash(ngram) for ngram in ([2, 0x648], [0x648, 3], [2, 0x648, 3])
    )
    assert len(word_hashes("في")) == 3 + 2 + 1
    assert len(word_hashes("الموقع")) == 7 + 6 + 5 + 4


@given(words=st.lists(word, min_size=1, max_size=5))
def test_vector_is_the_mean_of_its_ngrams(words: list[str]) -> None:
    module = bag()
    (vectors,) = module(*padded([words]))
    for vector, spelling in zip(vectors, words, strict=True):
        hashes = word_hashes(spelling)
        numbers = [value % 1000 for value in hashes]
        expected = module.bag.weight[numbers].mean(dim=0) if hashes else torch.zeros(4)
        torch.testing.assert_close(vector, expected)


@given(rows=rows_of_words, number=st.integers(1, 3))
def test_vector_does_not_depend_on_the_position_of_the_word(
    rows: list[list[str]], number: int
) -> None:
    module = bag()
    vectors = module(*padded(rows))
    assert vectors.shape == (len(rows), max(map(len, rows)), 4)
    for row, words in enumerate(rows):
        for position, word in enumerate(words):
            copies = module(*padded([["", word] * number]))[0]
            assert torch.equal(vectors[row, position], copies[1])
        assert not vectors[row, len(words) :].any()  # padding


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (2, 3)])
def test_no_letters(shape: tuple[int, int]) -> None:
    module = bag()
    vectors = module(
        torch.zeros(shape[0], 0, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    )
    assert vectors.shape == (*shape, 4)
    assert not vectors.any()
    vectors.sum().backward()
    assert module.bag.weight.grad is not None  # even for a batch without words


def test_letters_after_a_row_are_ignored() -> None:
    module, (letters, sizes) = bag(), padded([["فندق", "في"], ["من"]])
    changed = letters.clone()
    changed[1, 2:] = 77
    assert torch.equal(module(letters, sizes), module(changed, sizes))


@pytest.mark.parametrize(
    ("first", "second"),
    [("من", "نم"), ("ال", "الا"), ("غرفه", "غرف"), ("ببب", "بببب"), ("اب", "ابابابابابا")],
)
def test_hashes_depend_on_order_and_length(first: str, second: str) -> None:
    vectors = bag()(*padded([[first, second]]))[0]
    assert not torch.allclose(vectors[0], vectors[1])


def test_ngrams_at_the_ends_differ_from_those_inside() -> None:
    """ال has different hashes at the start, inside and at the end of a word."""
    start, middle, end = (set(word_hashes(hashes)) for hashes in ("الغ", "غالغ", "غال"))
    shared = ngram_hash([*map(ord, "ال")])
    assert all(shared in hashes for hashes in (start, middle, end))
    assert ngram_hash([2, *map(ord, "ال")]) in start - middle - end
    assert ngram_hash([*map(ord, "ال"), 3]) in end - middle - start


def test_words_of_real_texts_rarely_collide() -> None:
    words = sorted({word for text in sample_texts() for word in text.split()})
    assert len(words) > 500
    hashes, _ = ngram_hashes(*(word.numpy() for word in flat(words)))
    ngrams = {
        marked[start : start + length]
        for marked in (f"\x02{word}\x03" for word in words)
        for length in range(SHORTEST, LONGEST + 1)
        for start in range(len(marked) - length + 1)
    }
    assert len(ngrams) - len(set(hashes.tolist())) <= 1  # of 2^31 numbers
    buckets = 30_000
    filled = len({value % buckets for value in hashes.tolist()})
    expected = buckets * (1 - (1 - 1 / buckets) ** len(ngrams))  # buckets hit at least once
    assert filled == pytest.approx(expected, rel=0.02)
    vectors = bag(buckets)(*padded([words]))[0]
    assert len({tuple(vector) for vector in vectors.tolist()}) == len(words)


def encoded(words: Sequence[str]) -> Encoding:
    zeros = [0] * len(words)
    return Encoding(
        **dict.fromkeys(["input_ids", "token_type_ids", "starts", "ends", "word_ids"], zeros),
        mark_offsets=[],
        word_lengths=list(map(len, words)),
        char_codes=[ord(letter) for word in words for letter in word],
    )


@given(rows=rows_of_words)
def test_table_of_spellings_has_the_same_vectors(rows: list[list[str]]) -> None:
    module, (table, spellings) = bag(), ngram_table([encoded(row) for row in rows])
    assert len(table) == len({word for row in rows for word in row} | {""})
    vectors = module.embed_table(torch.from_numpy(table))[torch.from_numpy(spellings)]
    torch.testing.assert_close(vectors, module(*padded(rows)))
    assert (table[0] == NO_NGRAM).all()
