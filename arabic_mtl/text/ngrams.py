"""Hashes of the letter n-grams of words: any word has some, known or not."""

from collections.abc import Sequence

import numpy as np

from arabic_mtl.text.encoding import Encoding
from arabic_mtl.text.offsets import Integers

LONGEST = 5
"""Letters of the longest n-grams, the marks at a word's ends included; the shortest have two."""

NO_NGRAM = -1
"""What fills up the n-grams of a shorter word."""

_BEGIN, _END = 2, 3  # control characters, which stand in no text
_FACTOR = 1_000_003
_MIX = 0x9E3779B1


def ngram_hashes(letters: Integers, sizes: Integers) -> tuple[Integers, Integers]:
    """A hash of each n-gram, and the number of the word that it is in; words in order.

    Args:
        letters: Code points of all words (letters,).
        sizes: Letters of each word (words,).
    """
    marked, word = _with_marks(letters, sizes)
    rolling, hashes, inside = marked, [], []
    for length in range(2, LONGEST + 1):
        rolling = rolling[:-1] * _FACTOR + marked[length - 1 :]  # runs over, as it should
        whole = word[: len(rolling)] == word[length - 1 :]
        missing = (0, len(marked) - len(rolling))
        hashes.append(np.pad(rolling, missing))
        inside.append(np.pad(whole, missing))
    found = np.stack(inside, axis=1)  # (letters, lengths)
    mixed = np.stack(hashes, axis=1)[found] * _MIX
    numbers: Integers = np.broadcast_to(word[:, None], found.shape)[found]
    return (mixed ^ (mixed >> 29)) & 0x7FFFFFFF, numbers


def ngram_table(rows: Sequence[Encoding]) -> tuple[Integers, Integers]:
    """The n-grams of each word of a batch, every word spelt alike once.

    Returns:
        The hashes of each spelling's n-grams (spellings, most), `NO_NGRAM` behind its last; and
        the number of each word's spelling (rows, words). The first spelling has no letters: that
        of padding.
    """
    numbers: dict[tuple[int, ...], int] = {(): 0}
    spelt = np.zeros((len(rows), max(map(len, rows), default=0)), dtype=np.int64)
    for place, row in zip(spelt, rows, strict=True):
        start = 0
        for word, size in enumerate(row.sizes):
            letters = tuple(row.letters[start : start + size])
            place[word] = numbers.setdefault(letters, len(numbers))
            start += size
    flat = np.array([letter for word in numbers for letter in word], dtype=np.int64)
    hashes, of = ngram_hashes(flat, np.array([len(word) for word in numbers], dtype=np.int64))
    counts = np.bincount(of, minlength=len(numbers))
    table = np.full((len(numbers), max(int(counts.max()), 1)), NO_NGRAM, dtype=np.int64)
    table[np.arange(table.shape[1]) < counts[:, None]] = hashes
    return table, spelt


def _with_marks(letters: Integers, sizes: Integers) -> tuple[Integers, Integers]:
    """All words with a mark at either end, and the word of each letter and mark."""
    longer = np.where(sizes > 0, sizes + 2, 0)
    word = np.repeat(np.arange(len(sizes)), longer)
    last = np.cumsum(longer) - 1
    marked = np.zeros_like(word)
    begin, end = (last - longer + 1)[sizes > 0], last[sizes > 0]
    marked[begin], marked[end] = _BEGIN, _END
    inside = np.ones(len(marked), dtype=bool)
    inside[begin], inside[end] = False, False
    marked[inside] = letters
    return marked, word
