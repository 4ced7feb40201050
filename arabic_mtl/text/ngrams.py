"""Hashed character n-grams of words (Bojanowski et al., 2017), in or out of the vocabulary."""

from collections.abc import Sequence

import numpy as np

from arabic_mtl.text.encoding import Encoding
from arabic_mtl.text.ragged import Integers

LONGEST = 5
"""Length of the longest n-grams, word boundary symbols included; the shortest have length 2."""

NO_NGRAM = -1
"""Padding for words with fewer n-grams."""

_BEGIN, _END = 2, 3  # word boundary symbols: control characters that do not occur in texts
_FACTOR = 1_000_003
_MIX = 0x9E3779B1


def ngram_hashes(char_codes: Integers, word_lengths: Integers) -> tuple[Integers, Integers]:
    """Hashes all n-grams of all words.

    Args:
        char_codes: Unicode code points of all words, one after the other (letters,).
        word_lengths: The number of letters of each word (words,).

    Returns:
        The hash of each n-gram (n-grams,), and the index of its word (n-grams,), in word order.
    """
    bounded, word = _add_boundaries(char_codes, word_lengths)
    rolling, hashes, inside = bounded, [], []
    for length in range(2, LONGEST + 1):
        rolling = rolling[:-1] * _FACTOR + bounded[length - 1 :]  # the overflow is intended
        in_one_word = word[: len(rolling)] == word[length - 1 :]
        padding = (0, len(bounded) - len(rolling))
        hashes.append(np.pad(rolling, padding))
        inside.append(np.pad(in_one_word, padding))
    mask = np.stack(inside, axis=1)  # (letters, lengths)
    mixed = np.stack(hashes, axis=1)[mask] * _MIX
    words: Integers = np.broadcast_to(word[:, None], mask.shape)[mask]
    return (mixed ^ (mixed >> 29)) & 0x7FFFFFFF, words


def ngram_table(rows: Sequence[Encoding]) -> tuple[Integers, Integers]:
    """Hashes the n-grams of each distinct word of a batch once.

    Returns:
        The n-gram hashes of each distinct word (distinct words, n-grams), padded with `NO_NGRAM`;
        and the index of each token in that table (texts, tokens). The first entry of the table is
        the word without letters, which stands for padding.
    """
    indices: dict[tuple[int, ...], int] = {(): 0}
    tokens = np.zeros((len(rows), max(map(len, rows), default=0)), dtype=np.int64)
    for token_indices, row in zip(tokens, rows, strict=True):
        start = 0
        for word, length in enumerate(row.word_lengths):
            codes = tuple(row.char_codes[start : start + length])
            token_indices[word] = indices.setdefault(codes, len(indices))
            start += length
    char_codes = np.array([code for word in indices for code in word], dtype=np.int64)
    word_lengths = np.array([len(word) for word in indices], dtype=np.int64)
    hashes, words = ngram_hashes(char_codes, word_lengths)
    counts = np.bincount(words, minlength=len(indices))
    table = np.full((len(indices), max(int(counts.max()), 1)), NO_NGRAM, dtype=np.int64)
    table[np.arange(table.shape[1]) < counts[:, None]] = hashes
    return table, tokens


def _add_boundaries(char_codes: Integers, word_lengths: Integers) -> tuple[Integers, Integers]:
    """Returns all words with boundary symbols at both ends, and the word index of each symbol."""
    longer = np.where(word_lengths > 0, word_lengths + 2, 0)
    word = np.repeat(np.arange(len(word_lengths)), longer)
    last = np.cumsum(longer) - 1
    bounded = np.zeros_like(word)
    begin, end = (last - longer + 1)[word_lengths > 0], last[word_lengths > 0]
    bounded[begin], bounded[end] = _BEGIN, _END
    inside = np.ones(len(bounded), dtype=bool)
    inside[begin], inside[end] = False, False
    bounded[inside] = char_codes
    return bounded, word
