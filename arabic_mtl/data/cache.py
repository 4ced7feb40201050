"""A cache of encoded examples: Arrow tables, written once and then memory-mapped."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from datasets import Dataset, Features, List, Value
from datasets.arrow_writer import ArrowWriter

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.files import atomic_write
from arabic_mtl.tasks import Task
from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.encoding import FIELDS

SCHEMA = 8
"""Version of the tables; increase it when the same input gives other rows."""

_CHUNK = 1000  # examples encoded per call of the tokenizer

_COLUMNS = {
    "number": Value("int64"),
    "id": Value("string"),
    "group": Value("string"),
    "text": Value("string"),
    "pair": Value("string"),
    **{name: List(Value("int32")) for name in FIELDS},
}


def sha256(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_key(*parts: Any) -> str:
    """Returns a hash of all parts, in their order.

    Args:
        parts: A path is hashed by the file's bytes, any other value by its JSON.
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            with part.open("rb") as file:
                digest.update(b"\0" + hashlib.file_digest(file, "sha256").digest())
        else:
            digest.update(b"\0" + json.dumps(part, sort_keys=True, default=str).encode())
    return digest.hexdigest()[:24]


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
    if path.is_file():
        return
    targets = {f"task_{name}": task.column for name, task in tasks.items()}
    items = {f"items_{name}": Value("int64") for name in tasks}
    features = Features(_COLUMNS | targets | items)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as unfinished:
        with ArrowWriter(path=str(unfinished), features=features) as writer:
            number = 0
            blank = dict.fromkeys(targets) | dict.fromkeys(items, 0)
            for row in _rows(examples, tasks, text, source):
                if any(row[name] is not None for name in targets):
                    writer.write({**blank, **row, "number": number})
                    number += 1
            writer.finalize()
        if not number:
            raise InputError(
                "a split must have at least one labelled text",
                found="none",
                expected="texts with annotations",
                file=source,
            )


def read_table(path: Path) -> Dataset:
    """Returns a memory-mapped table that `write_table` wrote."""
    return Dataset.from_file(str(path))


def _rows(
    examples: Iterable[Example], tasks: Mapping[str, Task], text: TextPipeline, source: Path | None
) -> Iterator[dict[str, Any]]:
    """Yields a table row for each example."""
    iterator = iter(examples)
    while chunk := list(islice(iterator, _CHUNK)):
        encodings = text.encode([e.text for e in chunk], [e.pair for e in chunk])
        for example, encoding in zip(chunk, encodings, strict=True):
            row = {name: getattr(example, name) for name in ("id", "group", "text", "pair")}
            row |= {name: getattr(encoding, name) for name in FIELDS}
            try:
                text.check(encoding)
                row |= _targets(example, encoding, tasks)
            except InputError as error:
                raise error.locate(source, example.line, example.id) from None
            yield row


def _targets(example: Example, encoding: Encoding, tasks: Mapping[str, Task]) -> dict[str, Any]:
    """Returns the columns of the tasks: targets, and numbers of labelled items."""
    targets = {name: task.targets(example, encoding) for name, task in tasks.items()}
    items = {
        f"items_{name}": task.items(targets[name], encoding)
        for name, task in tasks.items()
        if targets[name] is not None
    }
    return {f"task_{name}": value for name, value in targets.items()} | items
