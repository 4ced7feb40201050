"""Files to read and to write, or the standard streams in their place."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from arabic_mtl.files import atomic_write

STANDARD = Path("-")
"""Stands for standard input, and for standard output."""


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """Opens a file to read."""
    if path == STANDARD:
        yield sys.stdin.buffer
        return
    with path.open("rb") as file:
        yield file


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Opens a file to write, which is there under its name when it is complete."""
    if path != STANDARD:
        with atomic_write(path.resolve()) as unfinished, unfinished.open("wb") as file:
            yield file
        return
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()
