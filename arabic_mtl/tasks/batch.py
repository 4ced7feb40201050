"""The rows of one step, of all corpora, padded once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch

from arabic_mtl.tasks.base import Targets, Task
from arabic_mtl.text import Tokens
from arabic_mtl.text.encoding import FIELDS

Columns = dict[str, list[Any]]
"""Rows of a cached table, column by column."""


@dataclass(frozen=True)
class Batch:
    """One encoder pass.

    Args:
        tokens: The inputs of all rows.
        rows: Task to the rows that it reads.
        targets: Task to what it should say of them.
        numbers: Corpus to the numbers that its rows have in their table.
    """

    tokens: Tokens
    rows: dict[str, slice]
    targets: dict[str, Targets]
    numbers: dict[str, list[int]]

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """The same batch on another device."""
        targets = {
            task: {k: v.to(device, non_blocking=non_blocking) for k, v in tensors.items()}
            for task, tensors in self.targets.items()
        }
        tokens = self.tokens.to(device, non_blocking=non_blocking)
        return type(self)(tokens, self.rows, targets, self.numbers)


def unite(parts: Mapping[str, Columns | None], tasks: Mapping[str, Task], pad_id: int) -> Batch:
    """Joins the rows of several corpora into one batch.

    Every task gets its targets even if the batch has no row for it, so that each head takes part
    in each step and processes stay in step under DDP.

    Args:
        parts: Corpus to its rows, or None.
        tasks: The tasks, by name.
        pad_id: The vocabulary's padding token.
    """
    present = {corpus: columns for corpus, columns in parts.items() if columns}
    joined = {name: _concatenate(present.values(), name) for name in FIELDS}
    if not joined["input_ids"]:  # a process without rows still has to pass through the encoder
        joined = {name: [[value]] for name, value in FIELDS.items()}
    tokens = Tokens.pad(joined, pad_id)
    slices = _slices({corpus: len(columns["input_ids"]) for corpus, columns in present.items()})
    rows = {name: slices.get(task.corpus, slice(0, 0)) for name, task in tasks.items()}
    targets = {
        name: task.collate(_values(present.get(task.corpus), name), tokens[rows[name]])
        for name, task in tasks.items()
    }
    numbers = {corpus: columns["number"] for corpus, columns in present.items()}
    return Batch(tokens, rows, targets, numbers)


def _concatenate(parts: Any, name: str) -> list[Any]:
    return [row for columns in parts for row in columns[name]]


def _slices(sizes: Mapping[str, int]) -> dict[str, slice]:
    slices, start = {}, 0
    for corpus, size in sizes.items():
        slices[corpus] = slice(start, start + size)
        start += size
    return slices


def _values(columns: Columns | None, task: str) -> Sequence[Any]:
    return columns[f"task_{task}"] if columns else []
