"""Raw character offsets of tokens, corrected where cleaning has replaced or deleted characters.

Arrays of offsets are (tokens, 2): the first raw character of each token, and one past its last.
Functions without a result change the array in place.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.text.characters import MARK, PUNCTUATION, mark_offsets
from arabic_mtl.text.ragged import Integers

CharRange = tuple[int, int]
"""A range of raw characters: the first, and one past the last."""

_SPACES = [ord(space) for space in " \t\r\n"]

_IS_BLANK = np.array([chr(number).isspace() for number in range(0x3002)])  # no white space above


def trim_blanks(offsets: Integers, text: str) -> None:
    """Removes white space from the ends of tokens, which some tokenizers include in them.

    A token that consists of white space alone gets an empty range.
    """
    letters = np.flatnonzero(~_blanks(text))
    first, last = (np.searchsorted(letters, bounds) for bounds in offsets.T)
    filled = first < last
    offsets[filled, 0], offsets[filled, 1] = letters[first[filled]], letters[last[filled] - 1] + 1
    offsets[~filled, 0] = offsets[~filled, 1]


def blank_boundaries(offsets: Integers, text: str) -> NDArray[np.bool_]:
    """Returns for each token whether white space separates it from all tokens before it."""
    counts = np.append(0, np.cumsum(_blanks(text)))
    ends = np.append(0, np.maximum.accumulate(offsets[:, 1]))[:-1]
    separated: NDArray[np.bool_] = counts[offsets[:, 0]] > counts[ends]
    return separated


def punctuation_boundaries(offsets: Integers, text: str) -> NDArray[np.bool_]:
    """Returns for each token whether the text changes there between letters and punctuation.

    Word boundaries at these tokens keep letters and punctuation in different words; a word may
    still consist of several punctuation marks.
    """
    first = np.array([bool(PUNCTUATION.match(text, start)) for start in offsets[:, 0]], dtype=bool)
    last = np.array([bool(PUNCTUATION.match(text, end - 1)) for end in offsets[:, 1]], dtype=bool)
    changes: NDArray[np.bool_] = first != np.append(first[:1], last[:-1])
    return changes


def widen(offsets: Integers, replaced: Sequence[CharRange]) -> None:
    """Extends tokens that begin or end inside a replaced range to the start or end of the range."""
    if not replaced:
        return
    starts, ends = offsets.T
    first, last = np.array(replaced).T
    nearest = np.searchsorted(first, starts, side="right") - 1
    starts[:] = np.where((nearest >= 0) & (starts < last[nearest]), first[nearest], starts)
    nearest = np.searchsorted(first, ends) - 1
    ends[:] = np.where((nearest >= 0) & (ends <= last[nearest]), last[nearest], ends)


def add_marks(offsets: Integers, text: str) -> None:
    """Extends tokens by the marks of their letters and by letters that cleaning has dropped."""
    starts, ends = offsets.T
    following = np.append(starts[1:], len(text))
    letters = _letters(text + " ")
    gap = (following > ends) & ~np.isin(letters[ends], _SPACES)
    next_to_mark = np.isin(offsets, mark_offsets(text)).any(axis=1)
    filled = starts < ends  # marks belong to letters, not to white space
    for token in (filled & (gap | next_to_mark)).nonzero()[0]:
        span = int(starts[token]), int(ends[token])
        offsets[token] = _include_marks(text, span, int(following[token]))


def disjoint_tokens(offsets: Integers) -> NDArray[np.bool_]:
    """Returns for each token whether it begins after the end of all tokens before it.

    Cleaning may turn one raw character, such as …, into several words; in the raw text they
    overlap, and thus count as one word.
    """
    ends = np.maximum.accumulate(offsets[:, 1])
    disjoint: NDArray[np.bool_] = offsets[:, 0] >= np.append(0, ends)[:-1]
    return disjoint


def _letters(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def _blanks(text: str) -> NDArray[np.bool_]:
    """Returns for each character whether it is white space."""
    blanks: NDArray[np.bool_] = _IS_BLANK[np.minimum(_letters(text), len(_IS_BLANK) - 1)]
    return blanks


def _include_marks(text: str, span: CharRange, following: int) -> CharRange:
    start, end = span
    while start > 0 and MARK.match(text[start]) and not text[start - 1].isspace():
        start -= 1
    letter = next((char for char in reversed(text[start:end]) if not MARK.match(char)), "")
    while MARK.match(text, end) or (end < following and text[end] == letter):
        end += 1
    return start, end
