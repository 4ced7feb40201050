"""Atomic writes: a file or a folder appears under its name when it is complete."""

import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arabic_mtl.errors import InputError

_NAME = 50  # characters of the final name in a temporary one: no file system's limit is reached


def is_plain_name(name: str) -> bool:
    """Returns whether a name is one word, so that it can be part of a path, and only of that path.

    >>> is_plain_name("ner"), is_plain_name("../ner"), is_plain_name("[red]")
    (True, False, False)
    """
    return re.fullmatch(r"\w[\w-]*", name) is not None


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yields a temporary path to write to, which replaces ``path`` when the block ends.

    If the block raises, the process is killed or the power fails, ``path`` keeps its old content.
    Each writer has a temporary file of its own: of several, the last to complete wins. Its mode
    is that of the file it replaces, or follows the umask.

    Args:
        path: The final name.
    """
    temporary = _temporary(path)
    # Until then nobody may read it who may not read the file that it replaces.
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
    """Yields a temporary folder to write in, which gets its final name when the block ends.

    Args:
        folder: The final name: nothing, an empty folder or a link to one.

    Raises:
        InputError: If another writer has filled the folder meanwhile.
    """
    folder = folder.resolve()
    temporary = _temporary(folder)
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
            found=f"{folder}, which another process has filled meanwhile",
            expected="another folder; nothing was written",
        ) from None


def _temporary(path: Path) -> Path:
    """Returns a name beside ``path`` that no other writer uses."""
    return path.with_name(f"{path.name[:_NAME]}.{secrets.token_hex(8)}.unfinished")


def _keep_mode(temporary: Path, final: Path) -> None:
    """Gives the new file the permissions of the one that it replaces."""
    mode = _mode(final)
    if mode is not None:
        temporary.chmod(mode)


def _mode(path: Path) -> int | None:
    """Returns the permissions of a file or folder; None where there is none, or a link."""
    is_own = path.exists() and not path.is_symlink()
    return stat.S_IMODE(path.stat().st_mode) & 0o777 if is_own else None


def _open_to_readers(folder: Path) -> None:
    """Gives files the mode of the umask, which safetensors does not (it writes 0600)."""
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
