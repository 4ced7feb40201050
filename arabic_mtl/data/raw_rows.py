"""Raw rows: the examples of a file before any text is tokenized, as an Arrow file."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from arabic_mtl.documents import Example, Span
from arabic_mtl.errors import InputError

Chosen = Callable[[str, int | None], bool]
"""A function that returns True for the group and the line of an example to read."""

_CHUNK = 1000  # rows of a record batch

_SCHEMA = pa.schema(
    {
        "line": pa.int64(),
        "group": pa.string(),
        "id": pa.string(),
        "linked": pa.list_(pa.string()),
        "text": pa.string(),
        "pair": pa.string(),
        "annotations": pa.string(),
        "text_hash": pa.uint64(),
        "content_hash": pa.uint64(),
    }
)
"""The annotations are JSON; the hashes are those of the text, and of the text with all else."""


_to_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class RawRows:
    """The examples of a file, stored as rows that can be read by split.

    Args:
        path: The Arrow file.
    """

    path: Path

    def write(self, examples: Iterable[Example]) -> None:
        """Writes the file; memory use does not grow with the number of examples.

        Args:
            examples: The examples.

        Raises:
            InputError: If a text is not valid Unicode, which Arrow cannot store.
        """
        iterator = iter(examples)
        with pa.OSFile(str(self.path), "wb") as sink, pa.ipc.new_file(sink, _SCHEMA) as writer:
            while chunk := list(islice(iterator, _CHUNK)):
                columns = zip(*map(_row, chunk), strict=True)
                typed = zip(columns, _SCHEMA.types, strict=True)
                arrays = [pa.array(column, kind) for column, kind in typed]
                writer.write_batch(pa.record_batch(arrays, schema=_SCHEMA))

    def examples(self, chosen: Chosen) -> Iterator[Example]:
        """Yields chosen examples in the order of the file."""
        for batch in self._batches():
            columns = [column.to_pylist() for column in batch.columns[:7]]
            for line, group, *rest in zip(*columns, strict=True):
                if chosen(group, line):
                    yield _example(line, group, *rest)

    def select(self, names: Sequence[str], chosen: Chosen) -> Iterator[tuple[Any, ...]]:
        """Yields some columns of chosen examples in the order of the file."""
        for batch in self._batches():
            columns = [batch[name].to_pylist() for name in ("line", "group", *names)]
            for line, group, *values in zip(*columns, strict=True):
                if chosen(group, line):
                    yield tuple(values)

    def column(self, name: str) -> "pa.ChunkedArray":
        """Returns a column of all rows."""
        with pa.memory_map(str(self.path)) as source:
            table: pa.Table = pa.ipc.open_file(source).read_all()
            return table[name]

    def hashes(self, name: str) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
        """Returns the column ``text_hash`` or ``content_hash`` as an array (rows,)."""
        return np.asarray(self.column(name), dtype=np.uint64)

    def _batches(self) -> Iterator["pa.RecordBatch"]:
        """Yields the rows, some at a time, from the memory-mapped file."""
        with pa.memory_map(str(self.path)) as source:
            reader = pa.ipc.open_file(source)
            yield from (reader.get_batch(number) for number in range(reader.num_record_batches))


def _row(example: Example) -> tuple[Any, ...]:
    """Returns the row of an example."""
    spans = {
        layer: [[span.start, span.end, span.label] for span in own]
        for layer, own in example.spans.items()
    }
    annotations = _to_json({"labels": dict(example.labels), "spans": spans})
    try:
        text = f"{example.text}\0{example.pair or ''}".encode()
        content = text + annotations.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            "a text and its labels must be valid Unicode",
            found=f"U+{ord(error.object[error.start]):04X}, half of a character of UTF-16",
            expected="whole characters",
            line=example.line,
            sentence=example.id,
        ) from None
    head = (example.line, example.group, example.id, example.linked, example.text, example.pair)
    return (*head, annotations, _hash(text), _hash(content))


def _example(
    line: int | None,
    group: str,
    name: str,
    linked: list[str],
    text: str,
    pair: str | None,
    annotations: str,
) -> Example:
    """Returns the example of a row."""
    values: Mapping[str, Any] = json.loads(annotations)
    return Example(
        id=name,
        group=group,
        linked=tuple(linked),
        text=text,
        pair=pair,
        labels={layer: tuple(labels) for layer, labels in values["labels"].items()},
        spans={
            layer: tuple(Span(start, end, label) for start, end, label in spans)
            for layer, spans in values["spans"].items()
        },
        line=line,
    )


def _hash(content: bytes) -> int:
    """Returns a hash of 64 bits."""
    return int.from_bytes(blake2b(content, digest_size=8).digest())
