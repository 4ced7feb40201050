"""Encodings: token ids with the offsets of their raw characters."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from arabic_mtl.text.ragged import Integers

NO_WORD = -1
"""The word index of special tokens, padding, white space, and every token of a second text."""

FIELDS = {
    "input_ids": 0,
    "token_type_ids": 0,
    "starts": 0,
    "ends": 0,
    "word_ids": NO_WORD,
    "mark_offsets": -1,
    "word_lengths": 0,
    "char_codes": 0,
}
"""The fields of an `Encoding`, with the padding value of each."""


class WordBounds(NamedTuple):
    """The words of a text, one entry of each list for every word.

    Args:
        tokens: The index of the first token.
        starts: The offset of the first raw character.
        ends: One past the last raw character.
    """

    tokens: list[int]
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """One text, or pair of texts, as token ids.

    All lists but ``mark_offsets`` and ``char_codes`` have one entry per token.

    Args:
        input_ids: Vocabulary ids, special tokens included.
        token_type_ids: 0 for the first text, 1 for the second.
        starts: The offset of each token's first raw character.
        ends: The offset after each token's last raw character, so that a token neither begins nor
            ends with white space; equal to its start if the token has no letters.
        word_ids: The index of each token's word in the first text, or `NO_WORD`.
        mark_offsets: The raw offsets of marks, such as short vowels, in the first text.
        word_lengths: The number of letters of each token, if tokens are whole words; else 0.
        char_codes: The cleaned letters of all tokens, as Unicode code points, token after token.
    """

    input_ids: list[int]
    token_type_ids: list[int]
    starts: list[int]
    ends: list[int]
    word_ids: list[int]
    mark_offsets: list[int]
    word_lengths: list[int] = field(default_factory=list)
    char_codes: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.input_ids)

    @cached_property
    def words(self) -> WordBounds:
        """Returns the words of the first text."""
        return find_words(self.starts, self.ends, self.word_ids)

    @property
    def overhead(self) -> int:
        """Returns the number of tokens outside the first text: special tokens and a second text."""
        first, last = self._words_range
        return len(self.word_ids) - (last - first)

    def tokens_within(self, start: int, end: int) -> tuple[int, int]:
        """Returns the range (first, last + 1) of tokens that overlap the raw span ``start..end``.

        A NULL span gets the range of the whole input, and so does a span without tokens.
        """
        first, last = self._words_range
        inside = (
            bisect_right(self.ends, start, first, last),
            bisect_left(self.starts, end, first, last),
        )
        return inside if inside[0] < inside[1] else (0, len(self.word_ids))

    @cached_property
    def _words_range(self) -> tuple[int, int]:
        """Returns the range (first, last + 1) of tokens from the first word to the last."""
        first, last = 0, len(self.word_ids)
        while first < last and self.word_ids[first] == NO_WORD:
            first += 1
        while first < last and self.word_ids[last - 1] == NO_WORD:
            last -= 1
        return first, last


def find_words(starts: Sequence[int], ends: Sequence[int], word_ids: Sequence[int]) -> WordBounds:
    """Returns the words of some tokens.

    Args:
        starts: The raw start offset of each token.
        ends: The raw end offset of each token.
        word_ids: The index of each token's word, or `NO_WORD`.

    >>> find_words([0, 0, 3, 6, 0], [0, 3, 5, 9, 0], [-1, 0, 0, 1, -1])
    WordBounds(tokens=[1, 3], starts=[0, 6], ends=[5, 9])
    """
    words, previous = WordBounds([], [], []), NO_WORD
    for token, word in enumerate(word_ids):
        if word != NO_WORD and word == previous:
            words.ends[-1] = ends[token]
        elif word != NO_WORD:
            words.tokens.append(token)
            words.starts.append(starts[token])
            words.ends.append(ends[token])
        previous = word
    return words


def to_columns(encodings: Sequence[Encoding]) -> dict[str, list[list[int]]]:
    """Returns encodings column by column: field to one list per text."""
    return {name: [getattr(encoding, name) for encoding in encodings] for name in FIELDS}


def pad(columns: Mapping[str, Sequence[Sequence[int]]], pad_id: int) -> dict[str, Integers]:
    """Pads encodings to the longest of them.

    Args:
        columns: `Encoding` field to one list per text.
        pad_id: The id of the vocabulary's padding token.

    Returns:
        The same fields and ``attention_mask`` as arrays (texts, tokens); ``mark_offsets`` has the
        shape (texts, marks), ``char_codes`` (texts, letters).
    """
    fillers = FIELDS | {"input_ids": pad_id}
    padded = {name: _pad_rows(columns[name], filler) for name, filler in fillers.items()}
    mask = _pad_rows([[1] * len(row) for row in columns["input_ids"]], 0)
    return padded | {"attention_mask": mask}


def _pad_rows(rows: Sequence[Sequence[int]], filler: int) -> Integers:
    table = np.full((len(rows), max(map(len, rows), default=0)), filler, dtype=np.int64)
    for padded, row in zip(table, rows, strict=True):
        padded[: len(row)] = row
    return table
