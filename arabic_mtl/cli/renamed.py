"""Renamed configuration keys: an old name still works, with a warning, until a later version."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from arabic_mtl.cli.processes import note
from arabic_mtl.errors import InputError

Key = tuple[str, ...]


class Renaming(NamedTuple):
    """A configuration key that has a new name.

    Args:
        parent: The key above it, without ``init_args``; ``*`` stands for any name.
        old: The old name.
        new: The new name.
        removed_in: The version of arabic_mtl that no longer accepts the old name.
    """

    parent: str
    old: str
    new: str
    removed_in: str


RENAMINGS = (
    Renaming("data.tasks.*", "given", "condition", "0.3"),
    Renaming("data.tasks.*.condition", "found_by", "predicted_by", "0.3"),
)
"""All renamed keys; a parent that has itself a new name stands before its keys, and under it."""

_OLD = re.compile(rf"\b(?:{'|'.join(renaming.old for renaming in RENAMINGS)})\b")
_DEEPEST = 8  # levels; YAML aliases can nest a mapping in itself


def rename_keys(config: Mapping[str, Any], key: Key = ()) -> dict[str, Any]:
    """Returns a configuration with the new names of its keys; warns of old ones.

    Args:
        config: A configuration, or the part of one below ``key``.
        key: The new names of the keys above.

    Raises:
        InputError: If a mapping has both the old and the new name of a key.
    """
    renamed: dict[str, Any] = {}
    for name, value in config.items():
        new = _new_name(key, str(name))
        if new is not None and new in config:
            raise _both_names([*key, str(name)], new)
        below = (*key, new or str(name))
        is_section = isinstance(value, dict) and len(below) <= _DEEPEST and _leads_to_old(below)
        renamed[new or name] = rename_keys(value, below) if is_section else value
    return renamed


def rename_in_text(text: str) -> str:
    """Returns the text of a configuration with the new names of its keys; warns of old ones.

    A text without old names is returned as it is. If its ``data`` is a file with old names, the
    content takes the place of the file's name.

    Args:
        text: YAML. The name of a ``data`` file is relative to the working directory.
    """
    config = yaml.safe_load(text)
    if not isinstance(config, dict):
        return text
    content = _read_old_data(config.get("data"))
    if content is not None:
        config["data"] = content
    return text if content is None and not _OLD.search(text) else _dump(rename_keys(config))


def rename_options(arguments: Sequence[str]) -> list[str]:
    """Returns a command line with the new names of configuration keys; warns of old ones.

    Raises:
        InputError: If options use both the old and the new name of a key.
    """
    words: list[str] = []
    renamed: dict[Key, str] = {}  # the new key to the option with the old one
    kept: set[Key] = set()
    key: Key = ()
    for word in arguments:
        if not word.startswith("--"):
            words.append(_rename_value(word, key))
            key = ()
            continue
        option, joined, value = word.partition("=")
        names = option.removeprefix("--").removesuffix("+").split(".")
        key = ()
        for level, name in enumerate(names):
            new = _new_name(key, name)
            key = (*key, new or name)
            if new is None:
                kept.add(_plain(key))
            else:
                renamed[_plain(key)] = f"--{'.'.join(names[: level + 1])}"
        plus = "+" if option.endswith("+") else ""
        words.append(f"--{'.'.join(key)}{plus}{joined}{_rename_value(value, key)}")
    for new_key, option in renamed.items():
        if new_key in kept:
            raise _both_names(option.split("."), new_key[-1])
    return words


def _new_name(key: Key, name: str) -> str | None:
    """Returns the new name of a key below another one; None if it has not been renamed."""
    for renaming in RENAMINGS:
        if renaming.old == name and _matches(key, renaming.parent):
            _warn(renaming)
            return renaming.new
    return None


def _plain(key: Key) -> Key:
    """Returns a key without ``init_args``, which options may leave out."""
    return tuple(name for name in key if name != "init_args")


def _matches(key: Key, pattern: str) -> bool:
    names, words = _plain(key), pattern.split(".")
    pairs = zip(names, words, strict=False)
    return len(names) == len(words) and all(word in ("*", name) for name, word in pairs)


def _leads_to_old(key: Key) -> bool:
    """Returns whether a renamed key can stand in the mapping at a key, or below it."""
    level = len(_plain(key))
    parents = (renaming.parent.split(".") for renaming in RENAMINGS)
    return any(_matches(key, ".".join(parent[:level])) for parent in parents)


def _read_old_data(name: object) -> dict[str, Any] | None:
    """Returns the content of a ``data`` file with old names; None for any other value."""
    if not (isinstance(name, str) and Path(name).is_file()):
        return None
    text = Path(name).read_text(encoding="utf-8")
    content = yaml.safe_load(text) if _OLD.search(text) else None
    return content if isinstance(content, dict) else None


def _rename_value(value: str, key: Key) -> str:
    """Returns the value of an option; a mapping in it gets the new names of its keys."""
    content: object = None
    with suppress(yaml.YAMLError):  # the parser reports it
        if key == ("data",):
            content = _read_old_data(value)
        if content is None and _leads_to_old(key) and _OLD.search(value):
            content = yaml.safe_load(value)
    return _dump(rename_keys(content, key), flow=True) if isinstance(content, dict) else value


def _dump(content: dict[str, Any], *, flow: bool | None = False) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, default_flow_style=flow)


def _both_names(names: Sequence[str], new: str) -> InputError:
    return InputError(
        "a renamed key must be given under one name",
        found=f"{'.'.join(names)}, and {new} next to it",
        expected=f"{new} alone",
    )


@cache
def _warn(renaming: Renaming) -> None:
    """Prints a warning on standard error, once per process and key."""
    note(
        f"warning: the key {renaming.parent.replace('*', 'TASK')}.{renaming.old} has been renamed "
        f"to {renaming.new}; arabic_mtl {renaming.removed_in} will refuse the old name"
    )
