"""Atomic writes (temporary path, fsync, rename), and the format version of a run's files."""

import errno
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from arabic_mtl.errors import InputError

FORMAT = 2
"""The format version of ``model.json``, ``metrics.json`` and checkpoints.

It is incremented whenever the format of one of these files changes. Each file contains the number;
files of format 1 may lack it.
"""

CACHE = Path("~/.cache/arabic_mtl")
"""The default folder of encoded corpora and vocabularies: the default of ``data.cache``."""

_READERS = {1: "0.1.0"}
"""Earlier format version to the last version of this package that reads it."""

_NAME = 50  # characters of the final name in a temporary name, to stay below file system limits

UNFINISHED = re.compile(rf".{{1,{_NAME}}}\.[0-9a-f]{{16}}\.unfinished")
"""The names of `temporary_path`, such as an interrupted process leaves behind."""


def is_plain_name(name: str) -> bool:
    """Returns whether a name is a single word, and thus safe as one component of a path.

    >>> is_plain_name("ner"), is_plain_name("../ner"), is_plain_name("[red]")
    (True, False, False)
    """
    return re.fullmatch(r"\w[\w-]*", name) is not None


def check_format(found: object, path: Path | None) -> None:
    """Raises `InputError` if a file has another format version than this package writes.

    Args:
        found: The format version in the file; None if the file has none.
        path: The file, if known.
    """
    if type(found) is not int or found != FORMAT:
        shown, remedy = _remedy(1 if found is None else found)
        raise InputError(
            f"`format` must be {FORMAT}",
            found=f"format {shown}",
            expected=f"format {FORMAT}; {remedy}",
            file=path,
        )


def _remedy(number: object) -> tuple[str, str]:
    """Returns a description of an unsupported format version, and what the user can do."""
    if type(number) is not int or number < 1:
        return repr(number)[:50], "the unmodified file"
    if number > FORMAT:
        return str(number), "the file was written by a newer arabic_mtl: upgrade"
    reader = _READERS[number]
    return (
        f"{number}, written by arabic_mtl {reader}",
        f"train it again, or use arabic_mtl=={reader} for it",
    )


def read_json(path: Path) -> dict[str, Any]:
    """Reads a JSON object after checking its ``format``.

    Raises:
        InputError: If the object has another format version.
        OSError: If the file cannot be read.
        ValueError: If the file contains anything but a JSON object.
    """
    content: object = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"expected a JSON object, got a {type(content).__name__}")
    check_format(content.get("format"), path)
    return content


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yields a temporary path to write to; it replaces ``path`` when the block ends.

    If the block raises, the process is killed or the power fails, ``path`` keeps its old content.
    Each writer has its own temporary file; if several write at once, the last to complete wins.
    The new file has the mode of the file that it replaces, else the mode of the umask.

    Args:
        path: The final name.
    """
    temporary = temporary_path(path)
    # Nobody may read the temporary file who may not read the file that it replaces.
    mode = 0o666 if _mode(path) is None else 0o600
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY, mode))
    try:
        yield temporary
        _keep_mode(temporary, path)
        _sync(temporary)
        temporary.replace(path)
        _sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_directory(folder: Path) -> Iterator[Path]:
    """Yields a temporary folder to write to; it gets its final name when the block ends.

    Args:
        folder: The final name, which must not exist yet, or be an empty folder or a link to one.

    Raises:
        InputError: If another process has filled the folder in the meantime.
    """
    folder = folder.resolve()
    temporary = temporary_path(folder)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        _open_to_readers(temporary)
        _keep_mode(temporary, folder)
        _publish(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _publish(temporary: Path, folder: Path) -> None:
    try:
        temporary.replace(folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        raise InputError(
            "the output folder must stay empty until it is complete",
            found=f"{folder}, which another process has filled in the meantime",
            expected="another folder; nothing was written",
        ) from None


def temporary_path(path: Path) -> Path:
    """Returns a unique temporary path in the same folder."""
    return path.with_name(f"{path.name[:_NAME]}.{secrets.token_hex(8)}.unfinished")


def _keep_mode(temporary: Path, final: Path) -> None:
    """Copies the permissions of the file that will be replaced, if there is one."""
    mode = _mode(final)
    if mode is not None:
        temporary.chmod(mode)


def _mode(path: Path) -> int | None:
    """Returns the permissions of a file or folder; None if it does not exist or is a link."""
    is_own = path.exists() and not path.is_symlink()
    return stat.S_IMODE(path.stat().st_mode) & 0o777 if is_own else None


def _open_to_readers(folder: Path) -> None:
    """Sets the mode of all files by the umask; safetensors ignores the umask and writes 0600."""
    mode = stat.S_IMODE(folder.stat().st_mode) & 0o666  # mkdir has applied the umask
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            file.chmod(mode)


def _sync(path: Path) -> None:
    """Flushes a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
