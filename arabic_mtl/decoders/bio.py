"""BIO tags over words: 0 is O, 1 + 2·label is B, 2 + 2·label is I (Ramshaw & Marcus, 1995)."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from arabic_mtl.text.characters import offset_after, offset_before
from arabic_mtl.text.encoding import NO_WORD, WordBounds, find_words

OUTSIDE = 0


class Word(NamedTuple):
    """A word of a text.

    Args:
        token: The index of its first token.
        start: The offset of its first raw character.
        end: One past its last raw character.
    """

    token: int
    start: int
    end: int


def words(starts: Sequence[int], ends: Sequence[int], word_ids: Sequence[int]) -> list[Word]:
    """Returns the words of an encoding.

    Args:
        starts: The raw start offset of each token.
        ends: The raw end offset of each token.
        word_ids: The index of each token's word, or `NO_WORD`.

    >>> words([0, 0, 3, 6, 0], [0, 3, 5, 9, 0], [-1, 0, 0, 1, -1])
    [Word(token=1, start=0, end=5), Word(token=3, start=6, end=9)]
    """
    return list(map(Word, *find_words(starts, ends, word_ids)))


def first_tokens(word_ids: Sequence[int]) -> list[int]:
    """Returns the index of the first token of each word.

    >>> first_tokens([-1, 0, 0, 1, -1])
    [1, 3]
    """
    first, previous = [], NO_WORD
    for token, word in enumerate(word_ids):
        if word != previous:
            previous = word
            if word != NO_WORD:
                first.append(token)
    return first


def align(
    words: WordBounds,
    spans: Sequence[Sequence[int]],
    marks: frozenset[int],
    longest: int,
) -> list[tuple[int, int, int, int, int]]:
    """Aligns spans with words: (first word, last word, trim at start, trim at end, label).

    A trim is the number of letters of the first or last word that the span excludes. Two spans
    cannot share a word: the first one keeps it. A span without a word of its own is dropped.

    Args:
        words: The words of the text.
        spans: (start, end, label) with raw character offsets.
        marks: The offsets of the text's diacritics, which count as no letters.
        longest: The largest trim; a larger one becomes 0.

    >>> align(WordBounds([1, 2, 3], [0, 6, 10], [5, 9, 12]), [(7, 12, 1)], frozenset(), 3)
    [(1, 2, 1, 0, 1)]
    """
    _, starts, ends = words
    aligned, following = [], 0
    for start, end, label in sorted(spans, key=tuple):
        first = bisect_right(ends, start, following)
        following = max(following, bisect_left(starts, end))
        if first < following:
            trim_start = _letters(starts[first], start, marks, longest)
            trim_end = _letters(end, ends[following - 1], marks, longest)
            aligned.append((first, following - 1, trim_start, trim_end, label))
    return aligned


def trim(
    first: Word, last: Word, trim_start: int, trim_end: int, marks: frozenset[int]
) -> tuple[int, int]:
    """Returns the raw offsets of a span from its words and trims.

    A word that would lose all its letters is not trimmed.

    Args:
        first: The first word.
        last: The last word.
        trim_start: The number of letters to leave out at the start of the first word.
        trim_end: The number of letters to leave out at the end of the last word.
        marks: The offsets of the text's diacritics, which go with the letters before them.

    >>> trim(Word(1, 0, 7), Word(2, 8, 12), 1, 4, frozenset())
    (1, 12)
    """
    start, end = (
        offset_after(first.start, trim_start, marks),
        offset_before(last.end, trim_end, marks),
    )
    start = start if start < first.end else first.start
    end = end if end > last.start else last.end
    return (start, end) if start < end else (first.start, last.end)


def encode(words: int, spans: Sequence[Sequence[int]]) -> list[int]:
    """Returns one tag per word for spans from `align`.

    Args:
        words: The number of words.
        spans: (first word, last word, trim, trim, label).

    >>> encode(3, [(1, 2, 0, 0, 1)])
    [0, 3, 4]
    """
    tags = [OUTSIDE] * words
    for first, last, _, _, label in spans:
        for word in range(first, last + 1):
            tags[word] = (1 if word == first else 2) + 2 * label
    return tags


def decode(tags: Sequence[int]) -> list[tuple[int, int, int]]:
    """Returns the spans of a sequence of tags as (first word, last word, label).

    An I that continues no span of its label begins a span, as in the CoNLL-2003 scorer.

    >>> decode([0, 1, 2, 1, 4, 0])
    [(1, 2, 0), (3, 3, 0), (4, 4, 1)]
    """
    spans: list[tuple[int, int, int]] = []
    for word, (previous, tag) in enumerate(pairwise([OUTSIDE, *tags])):
        if tag == OUTSIDE:
            continue
        label, inside = (tag - 1) // 2, tag % 2 == 0
        if inside and previous != OUTSIDE and (previous - 1) // 2 == label:
            spans[-1] = (spans[-1][0], word, label)
        else:
            spans.append((word, word, label))
    return spans


def _letters(start: int, end: int, marks: frozenset[int], longest: int) -> int:
    """Returns the number of letters between two offsets, or 0 if they exceed ``longest``."""
    if start >= end:
        return 0
    letters = sum(position not in marks for position in range(start, end))
    return letters if letters <= longest else 0
