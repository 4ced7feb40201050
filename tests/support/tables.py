"""Tables from strings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Notices, Table


def read_table(
    folder: Path, content: str | bytes, *, name: str = "a.csv", **options: Any
) -> tuple[list[Example], list[tuple[str, int, int | None]]]:
    """Returns the examples of a table, and the rule, number and first line of each notice."""
    path, notices = folder / name, Notices()
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    examples = list(Table(**options).read(path, notices))
    return examples, [(notice.rule, notice.number, notice.line) for notice in notices]


def table_error(
    folder: Path, content: str | bytes, *, name: str = "a.csv", **options: Any
) -> InputError:
    """Returns the error that a table cannot be read with, which names its file."""
    with pytest.raises(InputError) as caught:
        read_table(folder, content, name=name, **options)
    assert caught.value.file == folder / name
    return caught.value
