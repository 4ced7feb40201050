"""Files that are there whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path, meanwhile: str = "") -> Iterator[Path]:
    """A name to write a file under, which becomes the right one at the end.

    Whatever happens meanwhile, the process killed or the power gone: the right name holds what
    it held before, or all of the new file.

    Args:
        path: The right name.
        meanwhile: The other one, in the same folder; needed where several processes may write
            the same file at once.

    Yields:
        The path to write to.
    """
    unfinished = path.with_name(meanwhile or f"{path.name}.unfinished")
    try:
        yield unfinished
        _to_disk(unfinished)
        unfinished.replace(path)
        _to_disk(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """A folder to write in, which gets its right name at the end.

    Args:
        folder: The right name; nothing, or an empty folder, is there, or a link to one.

    Yields:
        The folder to write in.
    """
    folder = folder.resolve()
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)  # of a process that was killed
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        unfinished.replace(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
