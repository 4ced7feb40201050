"""Letter n-grams: hashes as a loop finds them, and vectors that depend on the word alone."""

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
    """A number as 64 bits with a sign hold it."""
    return (number + 2**63) % 2**64 - 2**63


def hash_of(ngram: Sequence[int]) -> int:
    """Horner's rule over the code points; then the high digits are mixed into the low ones."""
    found = 0
    for letter in ngram:
        found = wrapped(found * 1_000_003 + letter)
    mixed = wrapped(found * 0x9E3779B1)
    return (mixed ^ (mixed >> 29)) & 0x7FFFFFFF


def hashes_of(word: str) -> list[int]:
    """Of all n-grams of a word between its marks, sorted; none of a word without letters."""
    marked = [2, *map(ord, word), 3] if word else []
    return sorted(
        hash_of(marked[start : start + length])
        for length in range(SHORTEST, LONGEST + 1)
        for start in range(len(marked) - length + 1)
    )


def flat(words: Sequence[str]) -> tuple[Tensor, Tensor]:
    letters = torch.tensor([ord(letter) for each in words for letter in each], dtype=torch.long)
    return letters, torch.tensor(list(map(len, words)), dtype=torch.long)


def padded(rows: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor]:
    """Letters (rows, letters) and sizes (rows, words)."""
    columns = zip(*(flat(row) for row in rows), strict=True)
    letters, sizes = (pad_sequence(list(column), batch_first=True) for column in columns)
    return letters, sizes


def bag(buckets: int = 1000) -> NgramBag:
    torch.manual_seed(0)
    return NgramBag(buckets, 4)


@given(words=st.lists(word, max_size=6))
def test_hashes_are_those_of_a_loop(words: list[str]) -> None:
    hashes, numbers = ngram_hashes(*(each.numpy() for each in flat(words)))
    found: list[list[int]] = [[] for _ in words]
    for value, number in zip(hashes.tolist(), numbers.tolist(), strict=True):
        found[number].append(value)
    assert list(map(sorted, found)) == list(map(hashes_of, words))
    assert numbers.tolist() == sorted(numbers.tolist())


def test_ngrams_of_one_letter_and_of_two() -> None:
    assert hashes_of("و") == sorted(
        hash_of(each) for each in ([2, 0x648], [0x648, 3], [2, 0x648, 3])
    )
    assert len(hashes_of("في")) == 3 + 2 + 1
    assert len(hashes_of("الموقع")) == 7 + 6 + 5 + 4


@given(words=st.lists(word, min_size=1, max_size=5))
def test_a_vector_is_the_mean_of_its_ngrams(words: list[str]) -> None:
    made = bag()
    (found,) = made(*padded([words]))
    for vector, each in zip(found, words, strict=True):
        hashes = hashes_of(each)
        numbers = [value % 1000 for value in hashes]
        expected = made.bag.weight[numbers].mean(dim=0) if hashes else torch.zeros(4)
        torch.testing.assert_close(vector, expected)


@given(rows=rows_of_words, number=st.integers(1, 3))
def test_a_word_is_the_same_to_the_bit_wherever_it_stands(
    rows: list[list[str]], number: int
) -> None:
    made = bag()
    found = made(*padded(rows))
    assert found.shape == (len(rows), max(map(len, rows)), 4)
    for row, words in enumerate(rows):
        for place, each in enumerate(words):
            alone = made(*padded([["", each] * number]))[0]
            assert torch.equal(found[row, place], alone[1])
        assert not found[row, len(words) :].any()  # padding


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (2, 3)])
def test_no_letters(shape: tuple[int, int]) -> None:
    made = bag()
    found = made(torch.zeros(shape[0], 0, dtype=torch.long), torch.zeros(shape, dtype=torch.long))
    assert found.shape == (*shape, 4)
    assert not found.any()
    found.sum().backward()
    assert made.bag.weight.grad is not None  # a batch without words stays in step


def test_what_stands_behind_a_rows_letters_is_not_read() -> None:
    made, (letters, sizes) = bag(), padded([["فندق", "في"], ["من"]])
    other = letters.clone()
    other[1, 2:] = 77
    assert torch.equal(made(letters, sizes), made(other, sizes))


@pytest.mark.parametrize(
    ("one", "other"),
    [("من", "نم"), ("ال", "الا"), ("غرفه", "غرف"), ("ببب", "بببب"), ("اب", "ابابابابابا")],
)
def test_order_and_length_are_told_apart(one: str, other: str) -> None:
    vectors = bag()(*padded([[one, other]]))[0]
    assert not torch.allclose(vectors[0], vectors[1])


def test_ends_are_told_from_what_is_inside() -> None:
    """ال at the start, inside and at the end of a word are three different things."""
    begins, within, ends = (set(hashes_of(each)) for each in ("الغ", "غالغ", "غال"))
    shared = hash_of([*map(ord, "ال")])
    assert all(shared in each for each in (begins, within, ends))
    assert hash_of([2, *map(ord, "ال")]) in begins - within - ends
    assert hash_of([*map(ord, "ال"), 3]) in ends - within - begins


def test_words_of_real_texts_seldom_share_all_they_have() -> None:
    words = sorted({each for text in sample_texts() for each in text.split()})
    assert len(words) > 500
    hashes, _ = ngram_hashes(*(each.numpy() for each in flat(words)))
    ngrams = {
        marked[start : start + length]
        for marked in (f"\x02{each}\x03" for each in words)
        for length in range(SHORTEST, LONGEST + 1)
        for start in range(len(marked) - length + 1)
    }
    assert len(ngrams) - len(set(hashes.tolist())) <= 1  # of 2^31 numbers
    buckets = 30_000
    filled = len({value % buckets for value in hashes.tolist()})
    expected = buckets * (1 - (1 - 1 / buckets) ** len(ngrams))  # of so many balls thrown
    assert filled == pytest.approx(expected, rel=0.02)
    vectors = bag(buckets)(*padded([words]))[0]
    assert len({tuple(vector) for vector in vectors.tolist()}) == len(words)


def encoded(words: Sequence[str]) -> Encoding:
    nothing = [0] * len(words)
    return Encoding(
        **dict.fromkeys(["input_ids", "token_type_ids", "starts", "ends", "words"], nothing),
        marks=[],
        sizes=list(map(len, words)),
        letters=[ord(letter) for each in words for letter in each],
    )


@given(rows=rows_of_words)
def test_a_table_of_spellings_has_the_same_vectors(rows: list[list[str]]) -> None:
    made, (table, spellings) = bag(), ngram_table([encoded(row) for row in rows])
    assert len(table) == len({each for row in rows for each in row} | {""})
    found = made.of_table(torch.from_numpy(table))[torch.from_numpy(spellings)]
    torch.testing.assert_close(found, made(*padded(rows)))
    assert (table[0] == NO_NGRAM).all()
