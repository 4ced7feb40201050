"""Segments of tokens as flat arrays: chunks of texts, whole texts, or inputs of a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from arabic_mtl.text.encoding import FIELDS, Encoding
from arabic_mtl.text.ragged import Integers, Ragged

COLUMNS = ("input_ids", "starts", "ends", "word_ids", "word_lengths", "token_type_ids")
"""The columns of `Segments.tokens`: the fields of an `Encoding` with one entry per token."""

ID, START, END, WORD, LENGTH, TYPE = range(len(COLUMNS))


@dataclass(frozen=True, slots=True)
class Segments:
    """Segments of tokens with their letters and marks.

    A chunk, a text and an input differ only in their extent: `take` and `join` make texts of
    chunks, and inputs of special tokens and texts.

    Args:
        tokens: The tokens of each segment, with the columns `COLUMNS`.
        letters: The letters of each segment's tokens, as Unicode code points (one column).
        marks: The raw offsets of the marks in each segment (one column).
    """

    tokens: Ragged
    letters: Ragged
    marks: Ragged

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """Returns the segments of all parts, of which there must be at least one."""
        return cls(
            Ragged.concatenate([part.tokens for part in parts]),
            Ragged.concatenate([part.letters for part in parts]),
            Ragged.concatenate([part.marks for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.tokens)

    def take(self, rows: Integers) -> Self:
        """Returns a copy of selected segments."""
        return type(self)(self.tokens.take(rows), self.letters.take(rows), self.marks.take(rows))

    def join(self, bounds: Integers) -> Self:
        """Returns longer segments: see `Ragged.join`."""
        tokens, letters, marks = (
            rows.join(bounds) for rows in (self.tokens, self.letters, self.marks)
        )
        return type(self)(tokens, letters, marks)

    def field(self, name: str) -> tuple[Integers, Integers]:
        """Returns the flat values of a field of `Encoding`, and the bounds of each segment."""
        if name == "mark_offsets":
            return self.marks.values[0], self.marks.bounds
        if name == "char_codes":
            return self.letters.values[0], self.letters.bounds
        return self.tokens.values[COLUMNS.index(name)], self.tokens.bounds

    def encodings(self) -> list[Encoding]:
        """Returns the segments as objects of lists."""
        columns = [_lists(*self.field(name)) for name in FIELDS]
        return [
            Encoding(**dict(zip(FIELDS, row, strict=True))) for row in zip(*columns, strict=True)
        ]


def empty() -> Segments:
    """Returns an array of no segments."""
    rows = [Ragged.from_counts([[]] * columns, []) for columns in (len(COLUMNS), 1, 1)]
    return Segments(*rows)


def _lists(values: Integers, bounds: Integers) -> list[list[int]]:
    """Returns the rows of a ragged column as lists."""
    numbers = values.tolist()
    return [numbers[start:end] for start, end in pairwise(bounds.tolist())]
