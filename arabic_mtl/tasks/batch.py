"""The rows of one step, of all corpora, padded once."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from arabic_mtl.model.batch import Batch, Update
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.tasks.base import Task
from arabic_mtl.text.encoding import FIELDS

Columns = dict[str, list[Any]]
"""Rows of a cached table, column by column."""


class Part(NamedTuple):
    """What a batch has of one corpus: its rows, if any, and the update that they are for."""

    columns: Columns | None
    update: Update = Update(0, {})


def unite(parts: Mapping[str, Part], tasks: Mapping[str, Task], pad_id: int) -> Batch:
    """Joins the rows of several corpora into one batch.

    Every task gets its targets even if the batch has no row for it, so that each head takes part
    in each step and processes stay in step under DDP.

    Args:
        parts: Corpus to what the batch has of it.
        tasks: The tasks, by name.
        pad_id: The vocabulary's padding token.
    """
    present = {corpus: part.columns for corpus, part in parts.items() if part.columns}
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
    (update, *_) = (part.update for part in parts.values())
    return Batch(tokens, *_distinct(joined), rows, targets, numbers, update)


def _distinct(joined: Columns) -> tuple[Tensor, Tensor]:
    """The first row of each input, and for each row which input it has."""
    places: dict[Any, int] = {}
    inputs: list[int] = []
    source: list[int] = []
    read = ("input_ids", "token_type_ids", "sizes", "letters")
    for row, fields in enumerate(zip(*(joined[name] for name in read), strict=True)):
        place = places.setdefault(tuple(map(tuple, fields)), len(places))
        source.append(place)
        if place == len(inputs):
            inputs.append(row)
    return torch.tensor(inputs), torch.tensor(source)


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
