"""JSON records: written to a file, and read with options."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Notices, Records


def as_lines(*records: Any) -> str:
    """Returns records as JSON lines."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def read(content: str | bytes, **options: Any) -> list[Example]:
    """Returns the examples of a file."""
    return read_noticing(content, **options)[0]


def read_noticing(
    content: str | bytes, **options: Any
) -> tuple[list[Example], dict[str, tuple[int, int | None]]]:
    """Returns the examples of a file, and each notice's rule with its number and first line."""
    notices = Notices()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.jsonl"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        examples = list(Records(**options).read(path, notices))
    return examples, {notice.rule: (notice.number, notice.line) for notice in notices}


def refused(content: str | bytes, **options: Any) -> InputError:
    """Returns the error that a file is refused with."""
    with pytest.raises(InputError) as caught:
        read(content, **options)
    assert caught.value.file is not None
    assert caught.value.file.name == "file.jsonl"
    return caught.value


def spans(example: Example, layer: str) -> list[tuple[int, int, str]]:
    """Returns the spans of a layer as triples."""
    return [(span.start, span.end, span.label) for span in example.spans[layer]]
