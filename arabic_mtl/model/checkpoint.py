"""Lightning's checkpoints, of whose content no code is run."""

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import torch
from packaging.version import InvalidVersion, Version

from arabic_mtl.errors import InputError
from arabic_mtl.files import FORMAT, check_format

_OLDEST = Version("2.6")
"""The version of Lightning from which on checkpoints of this project are written."""

_PARTS = {"state_dict", "outputs", "pytorch-lightning_version"}

_FORMAT_KEY = "arabic_mtl"
"""The key of a checkpoint that holds this package's own facts about the file."""


def add_format(checkpoint: dict[str, Any]) -> None:
    """Adds the number of the format to the content of a checkpoint."""
    checkpoint[_FORMAT_KEY] = {"format": FORMAT}


def check_content_format(checkpoint: dict[str, Any], path: Path | None = None) -> None:
    """Raises `InputError` if the content of a checkpoint is of another format."""
    facts = checkpoint.get(_FORMAT_KEY)
    check_format(facts.get("format") if isinstance(facts, dict) else None, path)


def check_checkpoint_format(path: Path) -> None:
    """Raises `InputError` if a checkpoint of this package is of another format.

    A file that is damaged, or is no checkpoint, passes: `require_whole` refuses it.
    """
    try:
        content: object = read_checkpoint(path)
    except Exception:  # zip, pickle and runtime errors, by kind of damage
        return
    if isinstance(content, dict) and content.keys() >= _PARTS:
        check_content_format(content, path)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint's content; tensors stay on the disk until used."""
    content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    return content


def require_whole(path: Path) -> None:
    """Refuses a file that is no checkpoint, one of another format, or a damaged one.

    Raises:
        InputError: If it is of another format, damaged, or holds more than tensors and plain
            values.
    """
    check_checkpoint_format(path)
    if found := _damage(path):
        beside = sorted(path.parent.glob("*.ckpt"), key=lambda file: -file.stat().st_mtime)
        good = next((file for file in beside if file != path and not _damage(file)), None)
        raise InputError(
            "a checkpoint holds tensors and plain values, and is complete",
            found=found,
            expected=f"the last good one beside it: {good}"
            if good
            else "a checkpoint written by `train.py fit`",
            file=path,
        )


def _damage(path: Path) -> str:
    """What is wrong with a checkpoint's file, if anything is."""
    try:
        content: Any = read_checkpoint(path)
        with ZipFile(path) as file:  # for torch compares no checksums
            if damaged := file.testzip():
                return f"other bytes than were written, in {damaged}"
    except Exception as error:  # zip, pickle and runtime errors, by kind of damage
        return str(error).splitlines()[0]
    missing = _PARTS - set(content if isinstance(content, dict) else ())
    if missing:
        return f"a file without {', '.join(sorted(missing))}"
    if not isinstance(content.get("callbacks", {}), dict):
        return "states of callbacks without their names"
    written = str(content["pytorch-lightning_version"])
    return "" if _is_known(written) else f"a file of Lightning {written}"


def _is_known(version: str) -> bool:
    """Returns whether Lightning reads a checkpoint as it is, without migrating it."""
    try:
        return Version(version) >= _OLDEST
    except InvalidVersion:
        return False
