"""BIO tags over words: 0 is O, 1 + 2·label is B, 2 + 2·label is I (Ramshaw & Marcus, 1995)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from arabic_mtl.text.characters import after_letters, before_letters
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
    first = first_tokens(numbers)
    last = [
        token
        for token, (number, after) in enumerate(pairwise([*numbers, NO_WORD]))
        if number not in (NO_WORD, after)
    ]
    return [Word(a, starts[a], ends[b]) for a, b in zip(first, last, strict=True)]


def first_tokens(numbers: Sequence[int]) -> list[int]:
    """The first token of each word.

    >>> first_tokens([-1, 0, 0, 1, -1])
    [1, 3]
    """
    return [
        token
        for token, (before, number) in enumerate(pairwise([NO_WORD, *numbers]))
        if number not in (NO_WORD, before)
    ]


def align(
    words: Sequence[Word], spans: Sequence[Sequence[int]], marks: frozenset[int], longest: int
) -> list[tuple[int, int, int, int, int]]:
    """Spans in words: first and last word, letters left out at both ends, label.

    The first span claims a shared word; a span that is left without a word is left out.

    Args:
        words: The words of the text.
        spans: (start, end, label) in raw characters.
        marks: The positions of the text's marks.
        longest: The most letters to leave out; where more would have to be, none are.

    >>> align([Word(1, 0, 5), Word(3, 6, 9), Word(4, 10, 12)], [(7, 12, 1)], frozenset(), 3)
    [(1, 2, 1, 0, 1)]
    """
    aligned, taken = [], -1
    for start, end, label in sorted(spans, key=tuple):
        inside = [n for n, w in enumerate(words) if w.start < end and w.end > start and n > taken]
        if inside:
            first, last = words[inside[0]], words[inside[-1]]
            before = _letters(first.start, start, marks, longest)
            behind = _letters(end, last.end, marks, longest)
            taken = inside[-1]
            aligned.append((inside[0], taken, before, behind, label))
    return aligned


def trimmed(
    first: Word, last: Word, before: int, behind: int, marks: frozenset[int]
) -> tuple[int, int]:
    """The raw characters from a first word to a last, without so many letters at the ends.

    A word keeps all its letters if none would remain.

    >>> trimmed(Word(1, 0, 7), Word(2, 8, 12), 1, 4, frozenset())
    (1, 12)
    """
    start, end = after_letters(first.start, before, marks), before_letters(last.end, behind, marks)
    start = start if start < first.end else first.start
    end = end if end > last.start else last.end
    return (start, end) if start < end else (first.start, last.end)


def encode(words: int, spans: Sequence[Sequence[int]]) -> list[int]:
    """One tag per word, for spans that `align` has found.

    >>> encode(3, [(1, 2, 0, 0, 1)])
    [0, 3, 4]
    """
    tags = [OUTSIDE] * words
    for first, last, _, _, label in spans:
        for word in range(first, last + 1):
            tags[word] = (1 if word == first else 2) + 2 * label
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


def _letters(start: int, end: int, marks: frozenset[int], longest: int) -> int:
    """How many letters lie between two positions; none if they are too many."""
    letters = sum(position not in marks for position in range(start, end))
    return letters if letters <= longest else 0
