"""Token ids with the raw characters they come from: of one text, and of a padded batch."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

NO_WORD = -1
"""The word number of special tokens, of padding and of everything in a pair's second text."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """One text, or pair of texts, as token ids. Lists have one entry per token, but for the last.

    Args:
        input_ids: Vocabulary ids, special tokens included.
        token_type_ids: 0 for the first text, 1 for the second.
        starts: First raw character of each token.
        ends: One past its last raw character.
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

    def tokens_within(self, start: int, end: int) -> tuple[int, int]:
        """The range of tokens that share a character with ``start..end``.

        A NULL span gets the range of the whole input, as does one where no token is.
        """
        first, last = 0, len(self.words)
        while first < last and self.words[first] == NO_WORD:
            first += 1
        while first < last and self.words[last - 1] == NO_WORD:
            last -= 1
        inside = (
            bisect_right(self.ends, start, first, last),
            bisect_left(self.starts, end, first, last),
        )
        return inside if inside[0] < inside[1] else (0, len(self.words))


@dataclass(frozen=True)
class Tokens:
    """A batch of encodings, padded to its longest.

    All tensors are (rows, tokens), but for ``marks`` (rows, marks) and ``letters`` (rows, letters).
    """

    input_ids: Tensor
    attention_mask: Tensor
    token_type_ids: Tensor
    starts: Tensor
    ends: Tensor
    words: Tensor
    marks: Tensor
    sizes: Tensor
    letters: Tensor

    @classmethod
    def pad(cls, columns: Mapping[str, Sequence[Sequence[int]]], pad_id: int) -> Self:
        """Pads the rows of an encoded table.

        Args:
            columns: `Encoding` field to one list per row.
            pad_id: The vocabulary's padding token.
        """

        def padded(rows: Sequence[Sequence[int]], value: int) -> Tensor:
            tensors = [torch.tensor(row, dtype=torch.long) for row in rows]
            return pad_sequence(tensors, batch_first=True, padding_value=value)

        fillers = FIELDS | {"input_ids": pad_id}
        tensors = {name: padded(columns[name], filler) for name, filler in fillers.items()}
        mask = padded([[1] * len(row) for row in columns["input_ids"]], 0)
        return cls(**tensors, attention_mask=mask)

    def __len__(self) -> int:
        return len(self.input_ids)

    def __getitem__(self, rows: slice | Tensor) -> Self:
        return type(self)(**{name: value[rows] for name, value in vars(self).items()})

    def encoding(self, row: int) -> Encoding:
        """One row as it was before padding."""
        length = int(self.attention_mask[row].sum())
        lists = {name: getattr(self, name)[row, :length].tolist() for name in FIELDS}
        letters = self.letters[row, : int(self.sizes[row].sum())].tolist()
        return Encoding(**lists | {"marks": self.marks_of(row), "letters": letters})

    def marks_of(self, row: int) -> list[int]:
        """Where marks stand in a row's text."""
        positions = self.marks[row]
        return list(positions[positions >= 0].tolist())

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """The same batch on another device."""
        moved = {k: v.to(device, non_blocking=non_blocking) for k, v in vars(self).items()}
        return type(self)(**moved)
