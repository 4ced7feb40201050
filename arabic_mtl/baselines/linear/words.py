"""What a tagger looks at in a word: its letters, its affixes, its shape, its neighbours."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

_EDGE = ""  # what stands beside the first word and the last
_OWN, _NEIGHBOURS = range(1, 5), range(2, 4)  # letters of an affix


def word_features(words: Sequence[str]) -> list[list[str]]:
    """Each word of a text by what holds of it."""
    row = [_EDGE, _EDGE, *words, _EDGE, _EDGE]
    return [_features(*row[n : n + 5]) for n in range(len(words))]


def shape(word: str) -> str:
    """The kinds of its characters: digits, Latin letters, other letters, and the rest as it is.

    >>> shape("wi-fi2"), shape("غرفه"), shape("!!")
    ('a-a0', 'ا', '!')
    """
    return "".join(kind for kind, _ in groupby(word, _kind))


def _features(before_that: str, before: str, word: str, after: str, after_that: str) -> list[str]:
    return [
        "any",
        f"0 shape {shape(word)}",
        f"0 word {word}",
        *_affixes("0", word, _OWN),
        f"-1 word {before}",
        f"-1 shape {shape(before)}",
        *_affixes("-1", before, _NEIGHBOURS),
        f"+1 word {after}",
        f"+1 shape {shape(after)}",
        *_affixes("+1", after, _NEIGHBOURS),
        f"-2 word {before_that}",
        f"+2 word {after_that}",
        f"-1 0 words {before} {word}",
        f"0 +1 words {word} {after}",
    ]


def _affixes(place: str, word: str, lengths: Iterable[int]) -> Iterator[str]:
    for letters in lengths:
        if letters <= len(word):
            yield f"{place} prefix {word[:letters]}"
            yield f"{place} suffix {word[-letters:]}"


def _kind(character: str) -> str:
    if character.isdecimal():
        return "0"
    if character.isalpha():
        return "a" if character.isascii() else "ا"
    return character
