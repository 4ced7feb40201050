"""Token ids with the raw characters they come from."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from arabic_mtl.text.offsets import Integers

NO_WORD = -1
"""The word number of special tokens, padding, white space, and all of a pair's second text."""

FIELDS = {
    "input_ids": 0,
    "token_type_ids": 0,
    "starts": 0,
    "ends": 0,
    "words": NO_WORD,
    "marks": -1,
    "sizes": 0,
    "letters": 0,
}
"""The fields of an `Encoding`, and what fills a shorter row of a batch."""


class Pieces(NamedTuple):
    """The tokens of a text, without special tokens.

    Args:
        ids: Vocabulary ids.
        starts: First raw character of each token.
        ends: One past its last.
        words: The word that each token belongs to, from 0, or `NO_WORD` if it has no letters.
        sizes: How many letters each token has, where `Spelling` has told.
        letters: Those letters.
    """

    ids: list[int]
    starts: list[int]
    ends: list[int]
    words: list[int]
    sizes: Sequence[int] = ()
    letters: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """One text, or pair of texts, as token ids. Lists have one entry per token, but for the last.

    Args:
        input_ids: Vocabulary ids, special tokens included.
        token_type_ids: 0 for the first text, 1 for the second.
        starts: First raw character of each token.
        ends: One past its last raw character, neither of them white space; the same as its start
            if it has no letters.
        words: The word of the first text it belongs to, or `NO_WORD`.
        marks: The raw positions of what is no letter of its own, such as short vowels.
        sizes: The number of letters of each token, where tokens are whole words; else 0.
        letters: Those letters, cleaned, as Unicode code points, token after token.
    """

    input_ids: list[int]
    token_type_ids: list[int]
    starts: list[int]
    ends: list[int]
    words: list[int]
    marks: list[int]
    sizes: list[int] = field(default_factory=list)
    letters: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.input_ids)

    @property
    def around(self) -> int:
        """The number of tokens before the first word and after the last: special ones, a pair."""
        first, last = self._words_range()
        return len(self.words) - (last - first)

    def tokens_within(self, start: int, end: int) -> tuple[int, int]:
        """The range of tokens that share a character with ``start..end``.

        A NULL span gets the range of the whole input, as does one where no token is.
        """
        first, last = self._words_range()
        inside = (
            bisect_right(self.ends, start, first, last),
            bisect_left(self.starts, end, first, last),
        )
        return inside if inside[0] < inside[1] else (0, len(self.words))

    def _words_range(self) -> tuple[int, int]:
        """Returns the range of tokens from the first word to the last."""
        first, last = 0, len(self.words)
        while first < last and self.words[first] == NO_WORD:
            first += 1
        while first < last and self.words[last - 1] == NO_WORD:
            last -= 1
        return first, last


def columns_of(encodings: Sequence[Encoding]) -> dict[str, list[list[int]]]:
    """Encodings as a table: field to one list per text."""
    return {name: [getattr(encoding, name) for encoding in encodings] for name in FIELDS}


def pad(columns: Mapping[str, Sequence[Sequence[int]]], pad_id: int) -> dict[str, Integers]:
    """Fills the rows of a table of encodings up to its longest.

    Args:
        columns: `Encoding` field to one list per row.
        pad_id: The vocabulary's padding token.

    Returns:
        The same fields, and ``attention_mask``, as arrays (rows, tokens); but ``marks`` are (rows,
        marks) and ``letters`` (rows, letters).
    """
    fillers = FIELDS | {"input_ids": pad_id}
    padded = {name: _filled(columns[name], filler) for name, filler in fillers.items()}
    mask = _filled([[1] * len(row) for row in columns["input_ids"]], 0)
    return padded | {"attention_mask": mask}


def _filled(rows: Sequence[Sequence[int]], filler: int) -> Integers:
    table = np.full((len(rows), max(map(len, rows), default=0)), filler, dtype=np.int64)
    for place, row in zip(table, rows, strict=True):
        place[: len(row)] = row
    return table
