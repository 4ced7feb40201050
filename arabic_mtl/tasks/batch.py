"""Collation of the rows of all corpora into one padded batch."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor

from arabic_mtl.model.batch import Batch, Origin, Rows, Update
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.tasks.base import Task
from arabic_mtl.tasks.partial import ANNOTATED, LabelSets, annotated_labels
from arabic_mtl.text.encoding import FIELDS

Columns = dict[str, list[Any]]
"""Column name to the values of some rows of a cached table."""


class CorpusRows(NamedTuple):
    """The rows of one corpus in a batch.

    Args:
        columns: The rows, or None without any.
        update: The optimizer step that the batch belongs to.
    """

    columns: Columns | None
    update: Update = Update(0, {})


def collate(
    parts: Mapping[str, CorpusRows],
    tasks: Mapping[str, Task],
    pad_id: int,
    sets: Mapping[str, LabelSets] = MappingProxyType({}),
) -> Batch:
    """Joins the rows of several corpora into one batch.

    Every task gets targets, even if the batch has no rows for it. So each head takes part in each
    step, and the processes stay synchronized under DDP.

    Args:
        parts: Corpus to its rows in the batch.
        tasks: The tasks by name.
        pad_id: The id of the padding token.
        sets: Task to its label sets, if one of its corpora annotates only a part of its labels.
    """
    present = {corpus: part.columns for corpus, part in parts.items() if part.columns}
    joined = {name: _concatenate(present.values(), name) for name in FIELDS}
    if not joined["input_ids"]:  # a process without rows still runs the encoder
        joined = {name: [[value]] for name, value in FIELDS.items()}
    tokens = Tokens.pad(joined, pad_id)
    sizes = {corpus: len(columns["input_ids"]) for corpus, columns in present.items()}
    slices = _slices(sizes)
    rows = {name: _rows(task.corpora, slices) for name, task in tasks.items()}
    values = {name: _values(task.corpora, present, name) for name, task in tasks.items()}
    targets = {n: task.collate(values[n], tokens[rows[n]]) for n, task in tasks.items()}
    for name, own in sets.items():
        read = {corpus: size for corpus, size in sizes.items() if corpus in tasks[name].corpora}
        targets[name][ANNOTATED] = annotated_labels(own, read, len(tasks[name].decoder.outputs))
    origin = [Origin(corpus, n) for corpus, columns in present.items() for n in columns["number"]]
    (update, *_) = (part.update for part in parts.values())
    return Batch(tokens, *_distinct(joined), rows, targets, values, origin, update)


def _distinct(joined: Columns) -> tuple[Tensor, Tensor]:
    """Returns the first row of each distinct text, and the index of each row's text."""
    indices: dict[object, int] = {}
    unique_rows: list[int] = []
    inverse: list[int] = []
    read = ("input_ids", "token_type_ids", "word_lengths", "char_codes")
    for row, fields in enumerate(zip(*(joined[name] for name in read), strict=True)):
        index = indices.setdefault(tuple(map(tuple, fields)), len(indices))
        inverse.append(index)
        if index == len(unique_rows):
            unique_rows.append(row)
    return torch.tensor(unique_rows), torch.tensor(inverse)


def _concatenate(parts: Iterable[Columns], name: str) -> list[Any]:
    return [row for columns in parts for row in columns[name]]


def _slices(sizes: Mapping[str, int]) -> dict[str, slice]:
    slices, start = {}, 0
    for corpus, size in sizes.items():
        slices[corpus] = slice(start, start + size)
        start += size
    return slices


def _rows(corpora: Sequence[str], slices: Mapping[str, slice]) -> Rows:
    """Returns the rows of some corpora, in the order of the batch."""
    own = [rows for corpus, rows in slices.items() if corpus in corpora]
    if all(rows.stop == following.start for rows, following in pairwise(own)):
        return slice(own[0].start, own[-1].stop) if own else slice(0, 0)
    return torch.cat([torch.arange(rows.start, rows.stop) for rows in own])


def _values(corpora: Sequence[str], present: Mapping[str, Columns], task: str) -> list[Any]:
    """Returns the targets of a task's rows, in the order of the batch."""
    own = [columns for corpus, columns in present.items() if corpus in corpora]
    return _concatenate(own, f"task_{task}")
