"""A padded batch of encodings, as tensors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from arabic_mtl.text.encoding import FIELDS, Encoding, pad

Targets = dict[str, Tensor]
"""Tensors that a head, a loss or a metric needs besides the tokens, by name."""


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
        """Pads the rows of an encoded table, as `arabic_mtl.text.encoding.pad` does."""
        return cls(**{name: torch.from_numpy(of) for name, of in pad(columns, pad_id).items()})

    def __len__(self) -> int:
        return len(self.input_ids)

    def __getitem__(self, rows: slice | Tensor) -> Self:
        return type(self)(**{name: value[rows] for name, value in vars(self).items()})

    def encodings(self) -> list[Encoding]:
        """The rows as they were before padding."""
        table = {name: of.tolist() for name, of in vars(self).items()}
        lengths = {name: self.attention_mask.sum(dim=1).tolist() for name in FIELDS}
        lengths["letters"] = self.sizes.sum(dim=1).tolist()
        lengths["marks"] = (self.marks >= 0).sum(dim=1).tolist()
        return [
            Encoding(**{name: table[name][row][: lengths[name][row]] for name in FIELDS})
            for row in range(len(self))
        ]

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """The same batch on another device."""
        moved = {k: v.to(device, non_blocking=non_blocking) for k, v in vars(self).items()}
        return type(self)(**moved)
