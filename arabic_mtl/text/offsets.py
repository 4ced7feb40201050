"""Raw places of tokens, mended where cleaning has replaced or deleted characters.

Arrays of places are (tokens, 2): the first raw character of a token, and one past its last.
"""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.text.characters import MARK, PUNCTUATION, marks

Integers = NDArray[np.int64]
Column = Sequence[int] | Integers

Place = tuple[int, int]
"""The first raw character of something, and one past its last."""

_SPACES = [ord(space) for space in " \t\r\n"]

_IS_BLANK = np.array([chr(number).isspace() for number in range(0x3002)])  # none above is


class Ragged:
    """Rows of integers in several columns, which do not change.

    Args:
        values: All rows, one after the other (columns, length).
        bounds: Where each row begins, and where the last one ends (rows + 1,).
    """

    def __init__(self, values: Integers, bounds: Integers) -> None:
        self.values, self.bounds = values, bounds

    @classmethod
    def of(cls, columns: Sequence[Column], counts: Column) -> Self:
        """Rows of so many values each."""
        values = np.asarray(columns, dtype=np.int64).reshape(len(columns), -1)
        return cls(values, np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]))

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __add__(self, other: Self) -> Self:
        """These rows, then the others."""
        bounds = np.concatenate([self.bounds, self.bounds[-1] + other.bounds[1:]])
        return type(self)(np.concatenate([self.values, other.values], axis=1), bounds)

    def take(self, rows: Integers) -> tuple[Integers, Integers]:
        """Some rows, end to end (columns, length), and how long each is."""
        counts = self.bounds[rows + 1] - self.bounds[rows]
        shift = self.bounds[rows] - (np.cumsum(counts) - counts)
        return self.values[:, np.repeat(shift, counts) + np.arange(counts.sum())], counts


def trim_blanks(places: Integers, text: str) -> None:
    """Moves the ends of tokens past white space, which some tokenizers count as part of a token.

    A token of white space alone gets an empty place.
    """
    letters = np.flatnonzero(~_blanks(text))
    first, last = (np.searchsorted(letters, bounds) for bounds in places.T)
    filled = first < last
    places[filled, 0], places[filled, 1] = letters[first[filled]], letters[last[filled] - 1] + 1
    places[~filled, 0] = places[~filled, 1]


def after_blanks(places: Integers, text: str) -> NDArray[np.bool_]:
    """Returns for each token whether white space stands between it and all tokens before it."""
    counts = np.append(0, np.cumsum(_blanks(text)))
    ends = np.append(0, np.maximum.accumulate(places[:, 1]))[:-1]
    after: NDArray[np.bool_] = counts[places[:, 0]] > counts[ends]
    return after


def at_punctuation(places: Integers, text: str) -> NDArray[np.bool_]:
    """Returns for each token whether it or the token before it ends in punctuation there.

    So a letter and a punctuation mark are never of one word; several marks may be.
    """
    first = np.array([bool(PUNCTUATION.match(text, start)) for start in places[:, 0]], dtype=bool)
    last = np.array([bool(PUNCTUATION.match(text, end - 1)) for end in places[:, 1]], dtype=bool)
    changes: NDArray[np.bool_] = first != np.append(first[:1], last[:-1])
    return changes


def widen(places: Integers, replaced: Sequence[Place]) -> None:
    """Lets tokens that begin or end within what was replaced begin or end where that does."""
    if not replaced:
        return
    starts, ends = places.T
    first, last = np.array(replaced).T
    before = np.searchsorted(first, starts, side="right") - 1
    starts[:] = np.where((before >= 0) & (starts < last[before]), first[before], starts)
    before = np.searchsorted(first, ends) - 1
    ends[:] = np.where((before >= 0) & (ends <= last[before]), last[before], ends)


def add_marks(places: Integers, text: str) -> None:
    """Adds what belongs to a token's letters: their marks, and letters that cleaning dropped."""
    starts, ends = places.T
    following = np.append(starts[1:], len(text))
    letters = _letters(text + " ")
    gap = (following > ends) & ~np.isin(letters[ends], _SPACES)
    beside_mark = np.isin(places, marks(text)).any(axis=1)
    filled = starts < ends  # marks belong to letters, not to white space
    for token in (filled & (gap | beside_mark)).nonzero()[0]:
        place = int(starts[token]), int(ends[token])
        places[token] = _with_marks(text, place, int(following[token]))


def are_apart(places: Integers) -> NDArray[np.bool_]:
    """Whether each token begins where all before it have ended.

    Of what is one raw character, such as …, cleaning may make several words; in the raw text
    they are one.
    """
    ends = np.maximum.accumulate(places[:, 1])
    apart: NDArray[np.bool_] = places[:, 0] >= np.append(0, ends)[:-1]
    return apart


def _letters(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def _blanks(text: str) -> NDArray[np.bool_]:
    """Returns whether each character is white space."""
    blanks: NDArray[np.bool_] = _IS_BLANK[np.minimum(_letters(text), len(_IS_BLANK) - 1)]
    return blanks


def _with_marks(text: str, place: Place, following: int) -> Place:
    start, end = place
    while start > 0 and MARK.match(text[start]) and not text[start - 1].isspace():
        start -= 1
    letter = next((c for c in reversed(text[start:end]) if not MARK.match(c)), "")
    while MARK.match(text, end) or (end < following and text[end] == letter):
        end += 1
    return start, end
