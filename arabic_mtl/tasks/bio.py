"""BIO tags over words: 0 is O, 1 + 2·label is B, 2 + 2·label is I (Ramshaw & Marcus, 1995)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from arabic_mtl.text.encoding import NO_WORD

OUTSIDE = 0


class Word(NamedTuple):
    """A word of a text.

    Args:
        token: The number of its first token.
        start: Its first raw character.
        end: One past its last.
    """

    token: int
    start: int
    end: int


def words(starts: Sequence[int], ends: Sequence[int], numbers: Sequence[int]) -> list[Word]:
    """The words of an encoding, from its tokens' places and word numbers.

    >>> words([0, 0, 3, 6, 0], [0, 3, 5, 9, 0], [-1, 0, 0, 1, -1])
    [Word(token=1, start=0, end=5), Word(token=3, start=6, end=9)]
    """
    first = [
        token
        for token, (before, number) in enumerate(pairwise([NO_WORD, *numbers]))
        if number not in (NO_WORD, before)
    ]
    last = [
        token
        for token, (number, after) in enumerate(pairwise([*numbers, NO_WORD]))
        if number not in (NO_WORD, after)
    ]
    return [Word(a, starts[a], ends[b]) for a, b in zip(first, last, strict=True)]


def encode(words: Sequence[Word], spans: Sequence[Sequence[int]]) -> list[int]:
    """One tag per word; spans are (start, end, label), and the first claims a shared word.

    >>> encode([Word(1, 0, 5), Word(3, 6, 9), Word(4, 10, 12)], [(6, 12, 1)])
    [0, 3, 4]
    """
    tags = [OUTSIDE] * len(words)
    for start, end, label in spans:
        inside = [n for n, word in enumerate(words) if word.start < end and word.end > start]
        free = [n for n in inside if tags[n] == OUTSIDE]
        for position, number in enumerate(free):
            tags[number] = (2 if position else 1) + 2 * label
    return tags


def decode(tags: Sequence[int]) -> list[tuple[int, int, int]]:
    """Runs of tags as (first word, last word, label).

    An I that continues no span of its label begins one, as in the CoNLL-2003 scorer.

    >>> decode([0, 1, 2, 1, 4, 0])
    [(1, 2, 0), (3, 3, 0), (4, 4, 1)]
    """
    spans: list[tuple[int, int, int]] = []
    for word, (before, tag) in enumerate(pairwise([OUTSIDE, *tags])):
        if tag == OUTSIDE:
            continue
        label, inside = (tag - 1) // 2, tag % 2 == 0
        if inside and before != OUTSIDE and (before - 1) // 2 == label:
            spans[-1] = (spans[-1][0], word, label)
        else:
            spans.append((word, word, label))
    return spans
