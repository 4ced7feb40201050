"""The features of a word for a tagger: letters, affixes, shape and neighbours."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

_EDGE = ""  # the neighbour of the first and of the last word
_OWN, _NEIGHBOURS = range(1, 5), range(2, 4)  # lengths of affixes


def word_features(words: Sequence[str]) -> list[list[str]]:
    """Returns the features of each word of a text."""
    padded = [_EDGE, _EDGE, *words, _EDGE, _EDGE]
    return [_features(*padded[index : index + 5]) for index in range(len(words))]


def shape(word: str) -> str:
    """Returns a word's shape: runs of digits, Latin letters and other letters are abbreviated.

    Any other character stands for itself, once per run.

    >>> shape("wi-fi2"), shape("غرفه"), shape("!!")
    ('a-a0', 'ا', '!')
    """
    return "".join(kind for kind, _ in groupby(word, _kind))


def _features(
    second_previous: str, previous: str, word: str, following: str, second_following: str
) -> list[str]:
    return [
        "any",
        f"0 shape {shape(word)}",
        f"0 word {word}",
        *_affixes("0", word, _OWN),
        f"-1 word {previous}",
        f"-1 shape {shape(previous)}",
        *_affixes("-1", previous, _NEIGHBOURS),
        f"+1 word {following}",
        f"+1 shape {shape(following)}",
        *_affixes("+1", following, _NEIGHBOURS),
        f"-2 word {second_previous}",
        f"+2 word {second_following}",
        f"-1 0 words {previous} {word}",
        f"0 +1 words {word} {following}",
    ]


def _affixes(position: str, word: str, lengths: Iterable[int]) -> Iterator[str]:
    for length in lengths:
        if length <= len(word):
            yield f"{position} prefix {word[:length]}"
            yield f"{position} suffix {word[-length:]}"


def _kind(character: str) -> str:
    if character.isdecimal():
        return "0"
    if character.isalpha():
        return "a" if character.isascii() else "ا"
    return character
