"""Lightning checkpoints, loaded with ``weights_only=True`` so that no pickled code runs."""

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import torch
from packaging.version import InvalidVersion, Version

from arabic_mtl.errors import InputError, program
from arabic_mtl.files import FORMAT, check_format

_OLDEST = Version("2.6")
"""The oldest version of Lightning that this package supports."""

_PARTS = {"state_dict", "outputs", "pytorch-lightning_version"}

_FORMAT_KEY = "arabic_mtl"
"""The key under which a checkpoint holds the number of its format."""


def add_format(checkpoint: dict[str, Any]) -> None:
    """Adds the number of the format to a checkpoint's content."""
    checkpoint[_FORMAT_KEY] = {"format": FORMAT}


def check_content_format(checkpoint: dict[str, Any], path: Path | None = None) -> None:
    """Raises `InputError` if a checkpoint's content has another format."""
    facts = checkpoint.get(_FORMAT_KEY)
    check_format(facts.get("format") if isinstance(facts, dict) else None, path)


def check_checkpoint_format(path: Path) -> None:
    """Raises `InputError` if a checkpoint of this package has another format.

    A damaged file, or a file that is no checkpoint, passes: `require_whole` rejects it.
    """
    try:
        content: object = read_checkpoint(path)
    except Exception:  # zip, pickle and runtime errors, by kind of damage
        return
    if isinstance(content, dict) and content.keys() >= _PARTS:
        check_content_format(content, path)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Reads a checkpoint's content; tensors stay on the disk until they are used."""
    content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    return content


def require_whole(path: Path) -> None:
    """Raises `InputError` unless a file is a complete checkpoint of the current format.

    Raises:
        InputError: If the file has another format, is damaged, or holds more than tensors and
            plain values.
    """
    check_checkpoint_format(path)
    if damage := _damage(path):
        siblings = sorted(path.parent.glob("*.ckpt"), key=lambda file: -file.stat().st_mtime)
        intact = next((file for file in siblings if file != path and not _damage(file)), None)
        raise InputError(
            "a checkpoint must be complete and hold only tensors and plain values",
            found=damage,
            expected=f"the newest intact checkpoint of the folder: {intact}"
            if intact
            else f"a checkpoint written by `{program()} fit`",
            file=path,
        )


def _damage(path: Path) -> str:
    """Returns a description of the damage to a checkpoint; empty if it is intact."""
    try:
        content: Any = read_checkpoint(path)
        with ZipFile(path) as file:  # because torch checks no checksums
            if damaged := file.testzip():
                return f"a wrong checksum in {damaged}"
    except Exception as error:  # zip, pickle and runtime errors, by kind of damage
        return str(error).splitlines()[0]
    missing = _PARTS - set(content if isinstance(content, dict) else ())
    if missing:
        return f"no {', '.join(sorted(missing))} in the file"
    if not isinstance(content.get("callbacks", {}), dict):
        return "`callbacks` is no mapping"
    written = str(content["pytorch-lightning_version"])
    return "" if _is_known(written) else f"a file written by Lightning {written}"


def _is_known(version: str) -> bool:
    """Returns whether Lightning reads a checkpoint of this version without migrating it."""
    try:
        return Version(version) >= _OLDEST
    except InvalidVersion:
        return False
