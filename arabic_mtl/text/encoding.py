"""Token ids with the raw characters they come from: of one text, and of a padded batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from tokenizers import Encoding as RustEncoding
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

NO_WORD = -1
"""The word number of special tokens, of padding and of everything in a pair's second text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """One text, or pair of texts, as token ids. All lists have one entry per token.

    Args:
        input_ids: Vocabulary ids, special tokens included.
        attention_mask: All ones; padding adds the zeros.
        token_type_ids: 0 for the first text, 1 for the second.
        starts: First raw character of each token.
        ends: One past its last raw character.
        words: The word of the first text it belongs to, or `NO_WORD`.
        truncated: Whether the text was longer than the pipeline's ``max_length``.
    """

    input_ids: list[int]
    attention_mask: list[int]
    token_type_ids: list[int]
    starts: list[int]
    ends: list[int]
    words: list[int]
    truncated: bool

    @classmethod
    def at(cls, encoded: RustEncoding, places: Sequence[tuple[int, int]]) -> Self:
        """What the tokenizer gave, with the raw places of its tokens."""
        return cls(
            input_ids=encoded.ids,
            attention_mask=encoded.attention_mask,
            token_type_ids=encoded.type_ids,
            starts=[start for start, _ in places],
            ends=[end for _, end in places],
            words=[
                word if word is not None and sequence == 0 else NO_WORD
                for word, sequence in zip(encoded.word_ids, encoded.sequence_ids, strict=True)
            ],
            truncated=bool(encoded.overflowing),
        )

    def tokens_within(self, start: int, end: int) -> tuple[int, int]:
        """The range of tokens that share a character with ``start..end``.

        A NULL span, and one that was truncated away, gets the range of the whole input.
        """
        inside = [
            token
            for token, word in enumerate(self.words)
            if word != NO_WORD and self.starts[token] < end and self.ends[token] > start
        ]
        return (inside[0], inside[-1] + 1) if inside else (0, len(self.input_ids))


@dataclass(frozen=True)
class Tokens:
    """A batch of encodings, padded to its longest. All tensors are (rows, tokens)."""

    input_ids: Tensor
    attention_mask: Tensor
    token_type_ids: Tensor
    starts: Tensor
    ends: Tensor
    words: Tensor

    @classmethod
    def pad(cls, columns: Mapping[str, Sequence[Sequence[int]]], pad_id: int) -> Self:
        """Pads the rows of an encoded table.

        Args:
            columns: `Encoding` field to one list per row.
            pad_id: The vocabulary's padding token.
        """

        def padded(name: str, value: int) -> Tensor:
            rows = [torch.tensor(row, dtype=torch.long) for row in columns[name]]
            return pad_sequence(rows, batch_first=True, padding_value=value)

        return cls(
            input_ids=padded("input_ids", pad_id),
            attention_mask=padded("attention_mask", 0),
            token_type_ids=padded("token_type_ids", 0),
            starts=padded("starts", 0),
            ends=padded("ends", 0),
            words=padded("words", NO_WORD),
        )

    def __len__(self) -> int:
        return len(self.input_ids)

    def __getitem__(self, rows: slice) -> Self:
        return type(self)(**{name: value[rows] for name, value in vars(self).items()})

    def encoding(self, row: int) -> Encoding:
        """One row as it was before padding."""
        length = int(self.attention_mask[row].sum())
        lists = {name: value[row, :length].tolist() for name, value in vars(self).items()}
        return Encoding(**lists, truncated=False)

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """The same batch on another device."""
        moved = {k: v.to(device, non_blocking=non_blocking) for k, v in vars(self).items()}
        return type(self)(**moved)
