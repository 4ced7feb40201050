"""The rows of one encoder pass, and the optimizer step that they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, Self, TypeVar

import torch
from torch import Tensor

from arabic_mtl.model.tokens import Targets, Tokens

_T = TypeVar("_T")

Rows = slice | Tensor
"""Some rows of a batch: a slice if they are consecutive, else their indices (rows,)."""


def select(items: Sequence[_T], rows: Rows) -> Sequence[_T]:
    """Returns the items of some rows from a sequence with one item for each row of a batch."""
    return items[rows] if isinstance(rows, slice) else [items[row] for row in rows.tolist()]


class Update(NamedTuple):
    """One optimizer step from the gradients of one or more micro-batches.

    Args:
        batches: The number of micro-batches.
        items: Task to the number of its labelled items in all micro-batches of all processes.
    """

    batches: int
    items: dict[str, int]


class Origin(NamedTuple):
    """The corpus and the table index of a row in a batch.

    Args:
        corpus: The corpus's name.
        number: The row's index in the corpus's table.
    """

    corpus: str
    number: int


@dataclass(frozen=True)
class Batch:
    """The input of one encoder pass.

    Args:
        tokens: All rows.
        unique_rows: The first row of each distinct text (texts,).
        inverse: The index of each row's text among the distinct texts (rows,).
        rows: Task to the rows that it reads.
        targets: Task to the tensors that its loss needs.
        values: Task to the targets of its rows as in the table; None for unlabelled rows.
        origin: The corpus and the table index of each row.
        update: The optimizer step; used in training only.
    """

    tokens: Tokens
    unique_rows: Tensor
    inverse: Tensor
    rows: dict[str, Rows]
    targets: dict[str, Targets]
    values: dict[str, list[object]]
    origin: list[Origin]
    update: Update

    def origin_of(self, task: str) -> Sequence[Origin]:
        """Returns the corpus and the table index of each row of a task."""
        return select(self.origin, self.rows[task])

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """Returns the batch on another device."""
        move = partial(Tensor.to, device=device, non_blocking=non_blocking)
        return replace(
            self,
            tokens=self.tokens.to(device, non_blocking=non_blocking),
            unique_rows=move(self.unique_rows),
            inverse=move(self.inverse),
            rows={
                k: rows if isinstance(rows, slice) else move(rows) for k, rows in self.rows.items()
            },
            targets={
                task: {name: move(tensor) for name, tensor in tensors.items()}
                for task, tensors in self.targets.items()
            },
        )
