"""Raw places of tokens, mended where cleaning has replaced or deleted characters.

Arrays of places are (tokens, 2): the first raw character of a token, and one past its last.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.text.characters import MARK, marks
from arabic_mtl.text.ragged import Integers

Place = tuple[int, int]
"""The first raw character of something, and one past its last."""

_SPACES = [ord(space) for space in " \t\r\n"]


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
    letters = np.frombuffer((text + " ").encode("utf-32-le"), dtype=np.uint32)
    gap = (following > ends) & ~np.isin(letters[ends], _SPACES)
    beside_mark = np.isin(places, marks(text)).any(axis=1)
    for token in (gap | beside_mark).nonzero()[0]:
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


def _with_marks(text: str, place: Place, following: int) -> Place:
    start, end = place
    while start > 0 and MARK.match(text[start]) and not text[start - 1].isspace():
        start -= 1
    letter = next((c for c in reversed(text[start:end]) if not MARK.match(c)), "")
    while MARK.match(text, end) or (end < following and text[end] == letter):
        end += 1
    return start, end
