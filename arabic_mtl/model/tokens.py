"""A padded batch of encodings as tensors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from arabic_mtl.text.encoding import FIELDS, Encoding, pad

Targets = dict[str, Tensor]
"""Name to a tensor that a head, a loss or a metric needs besides the tokens."""


@dataclass(frozen=True)
class Tokens:
    """A batch of encodings, padded to the longest one.

    All tensors are (rows, tokens), except ``mark_offsets`` (rows, marks) and ``char_codes`` (rows,
    letters).
    """

    input_ids: Tensor
    attention_mask: Tensor
    token_type_ids: Tensor
    starts: Tensor
    ends: Tensor
    word_ids: Tensor
    mark_offsets: Tensor
    word_lengths: Tensor
    char_codes: Tensor

    @classmethod
    def pad(cls, columns: Mapping[str, Sequence[Sequence[int]]], pad_id: int) -> Self:
        """Pads the rows of an encoded table (`arabic_mtl.text.encoding.pad`)."""
        arrays = pad(columns, pad_id)
        return cls(**{name: torch.from_numpy(array) for name, array in arrays.items()})

    def __len__(self) -> int:
        return len(self.input_ids)

    def __getitem__(self, rows: slice | Tensor) -> Self:
        return type(self)(**{name: value[rows] for name, value in vars(self).items()})

    def encodings(self) -> list[Encoding]:
        """Returns the rows without padding."""
        table = {name: tensor.tolist() for name, tensor in vars(self).items()}
        lengths = {name: self.attention_mask.sum(dim=1).tolist() for name in FIELDS}
        lengths["char_codes"] = self.word_lengths.sum(dim=1).tolist()
        lengths["mark_offsets"] = (self.mark_offsets >= 0).sum(dim=1).tolist()
        return [
            Encoding(**{name: table[name][row][: lengths[name][row]] for name in FIELDS})
            for row in range(len(self))
        ]

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """Returns the batch on another device."""
        moved = {k: v.to(device, non_blocking=non_blocking) for k, v in vars(self).items()}
        return type(self)(**moved)
