"""A cache of encoded examples: Arrow tables, written once and then memory-mapped."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from datasets import Dataset, Features, List, Value
from datasets.arrow_writer import ArrowWriter

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.files import atomic_write
from arabic_mtl.tasks import Task
from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.encoding import FIELDS
from arabic_mtl.text.ragged import Integers

SCHEMA = 9
"""Version of the tables; increase it when the same input gives other rows."""

_CHUNK = 1000  # examples encoded per call of the tokenizer

_TEXTS = ("id", "group", "text", "pair")

_COLUMNS = {
    "number": Value("int64"),
    **dict.fromkeys(_TEXTS, Value("string")),
    **{name: List(Value("int32")) for name in FIELDS},
}


def write_table(
    path: Path,
    examples: Iterable[Example],
    tasks: Mapping[str, Task],
    text: TextPipeline,
    *,
    source: Path | None,
) -> None:
    """Encodes examples and writes them to a table in one atomic step.

    Skips examples without a label for any of the tasks.

    Args:
        path: The Arrow file; an existing file is not touched.
        examples: The examples, in the order of the rows.
        tasks: The tasks, by name; each gets a column with its targets.
        text: The pipeline that encodes the texts.
        source: The file that the examples were read from, for error messages; None if there are
            several.

    Raises:
        InputError: If a task does not declare one of its labels, or no example is labelled.
    """
    if path.is_file() and _unlearned_file(path).is_file():
        return
    unlearned = {name: Counter[str]() for name in tasks}
    targets = {f"task_{name}": task.column for name, task in tasks.items()}
    items = {f"items_{name}": Value("int64") for name in tasks}
    features = Features(_COLUMNS | targets | items)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as unfinished:
        with ArrowWriter(path=str(unfinished), features=features) as writer:
            number = 0
            for columns in _batches(examples, tasks, text, source, unlearned):
                following = number + len(columns["id"])
                writer.write_batch({"number": range(number, following), **columns})
                number = following
            writer.finalize()
        if not number:
            raise InputError(
                "a split must have at least one labelled text",
                found="none",
                expected="texts with annotations",
                file=source,
            )
        with atomic_write(_unlearned_file(path)) as summary:  # before the table: both or none
            summary.write_text(json.dumps(unlearned), encoding="utf-8")


def read_unlearned(path: Path) -> dict[str, dict[str, int]]:
    """Returns task to the numbers of annotations in a table that it cannot learn, by reason."""
    unlearned: dict[str, dict[str, int]]
    unlearned = json.loads(_unlearned_file(path).read_text(encoding="utf-8"))
    return unlearned


def _unlearned_file(path: Path) -> Path:
    """Returns the path of the file next to a table that `read_unlearned` reads."""
    return path.with_suffix(".json")


def read_table(path: Path) -> Dataset:
    """Returns a memory-mapped table that `write_table` wrote."""
    return Dataset.from_file(str(path))


def _batches(
    examples: Iterable[Example],
    tasks: Mapping[str, Task],
    text: TextPipeline,
    source: Path | None,
    unlearned: Mapping[str, Counter[str]],
) -> Iterator[dict[str, Any]]:
    """Yields the columns of some labelled examples at a time; counts what cannot be learned."""
    iterator = iter(examples)
    while batch := list(islice(iterator, _CHUNK)):
        inputs = text.encode_flat([e.text for e in batch], [e.pair for e in batch])
        rows = []
        for example, encoding in zip(batch, inputs.encodings(), strict=True):
            try:
                text.check(encoding)
                rows.append(_targets(example, encoding, tasks, unlearned))
            except InputError as error:
                raise error.locate(source, example.line, example.id) from None
        labelled = [n for n, (targets, _) in enumerate(rows) if any(t is not None for t in targets)]
        if labelled:
            kept = inputs if len(labelled) == len(batch) else inputs.take(np.array(labelled))
            yield {
                **{name: [getattr(batch[n], name) for n in labelled] for name in _TEXTS},
                **{name: _list_array(*kept.field(name)) for name in FIELDS},
                **_columns([rows[n] for n in labelled], tasks),
            }


def _list_array(values: Integers, bounds: Integers) -> pa.ListArray:
    """Returns a ragged column as an array of lists."""
    return pa.ListArray.from_arrays(bounds.astype(np.int32), values.astype(np.int32))


def _targets(
    example: Example,
    encoding: Encoding,
    tasks: Mapping[str, Task],
    unlearned: Mapping[str, Counter[str]],
) -> tuple[list[Any], list[int]]:
    """Returns the targets of each task, and its number of labelled items."""
    targets = [task.targets(example, encoding) for task in tasks.values()]
    for (name, task), target in zip(tasks.items(), targets, strict=True):
        if reasons := task.inexpressible(example, encoding, target):
            unlearned[name].update(reasons)
    items = [
        0 if target is None else task.items(target, encoding)
        for task, target in zip(tasks.values(), targets, strict=True)
    ]
    return targets, items


def _columns(rows: list[tuple[list[Any], list[int]]], tasks: Mapping[str, Task]) -> dict[str, Any]:
    """Returns the columns of the tasks: targets, and numbers of labelled items."""
    targets, items = zip(*rows, strict=True)
    names = [f"task_{name}" for name in tasks], [f"items_{name}" for name in tasks]
    return {
        name: list(column)
        for group, values in zip(names, (targets, items), strict=True)
        for name, column in zip(group, zip(*values, strict=True), strict=True)
    }
