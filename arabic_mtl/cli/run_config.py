"""The part of a run's configuration that is safe to use, even if the run is someone else's."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from inspect import signature
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import yaml

from arabic_mtl.cli.earlier import complete
from arabic_mtl.cli.parser import TAKEN, read_config
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError, program
from arabic_mtl.formats import Format
from arabic_mtl.inference.classes import find_class
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.tasks import Task
from arabic_mtl.training import MultiTaskModule
from arabic_mtl.training.balancing import Balancing

TRAINER = (
    "precision|gradient_clip_val|gradient_clip_algorithm|accumulate_grad_batches|max_epochs"
    "|max_steps|min_epochs|min_steps|val_check_interval|check_val_every_n_epoch|limit_.*_batches"
    "|overfit_batches"
)
"""Options of the Trainer that decide results and are plain numbers or words. All others name
classes, devices or paths, which are for the caller of the command to choose."""

_PLAIN = ("checkpoint", "early_stopping", "last", "dashboard")
"""Sections of this package's callbacks, which name neither classes nor paths."""

_SECTIONS = {"data": MultiTaskData, "model": MultiTaskModule}
_OBJECTS = (Format, Task, Encoder, Balancing)
"""Base classes of the objects that a configuration names below ``data`` and ``model``."""

_CALLERS_OWN = ("cache", "num_workers", "persistent_workers")
"""Keys of ``data`` that change no result, but write files or start processes."""

_MOST = 100_000  # values of a configuration; each repetition by a YAML alias counts

_Key = tuple[str, ...]


def trusted_config(run: Path) -> str:
    """Returns the safe part of a run's ``config.yaml``, as YAML for ``--config``.

    It consists of ``data`` and ``model`` without cache and loader options, with classes that
    `find_class` accepts; the seed; and the options of the Trainer and of this package's callbacks
    that are plain values. Every value must have the type of its constructor's argument, because
    the parser would take a string for an object as an import path or as the path of another file.

    Args:
        run: The run folder.

    Raises:
        InputError: If the file names another class, or is not a configuration.
    """
    path = run / "config.yaml"
    config = read_config(path)
    _require_small(path, config)
    config = complete(config)
    taken = {
        **{section: _section(path, config, section) for section in _SECTIONS},
        **{section: _plain(config.get(section), ".*") for section in _PLAIN},
        "trainer": _plain(config.get("trainer"), TRAINER),
        **_plain(config, "seed_everything"),
    }
    kept = {name: value for name, value in taken.items() if value != {}}
    header = f"{TAKEN}{path}".replace("\n", " ")
    return f"{header}\n{yaml.safe_dump(kept, allow_unicode=True, sort_keys=False)}"


def _section(path: Path, config: Mapping[str, object], section: str) -> dict[str, object]:
    """Returns ``data`` or ``model`` if all its values have safe types."""
    content = config.get(section)
    for key in _misfits((section,), content, _SECTIONS[section]):
        raise InputError(
            "a run's config.yaml must name only classes of arabic_mtl, of installed distributions "
            "that announce them, or that are imported already; all else must be plain values",
            found=f"{'.'.join(key)}: {_value_text(content, key[1:])}",
            expected=f"the file as `{program()} fit` wrote it; or, if you trust it as you trust "
            f"code, --config {path}",
            file=path,
        )
    content = content if isinstance(content, dict) else {}
    return {name: value for name, value in content.items() if name not in _CALLERS_OWN}


def _misfits(key: _Key, value: object, hint: object) -> Iterator[_Key]:
    """Yields the keys of values that do not have the type of their constructor's argument."""
    kind, inner = get_origin(hint), get_args(hint)
    if kind in (Union, UnionType):
        misfits = [list(_misfits(key, value, member)) for member in inner]
        if all(misfits):
            yield max((keys[0] for keys in misfits), key=len)
    elif kind in (dict, Mapping) and isinstance(value, dict):
        for name, item in value.items():
            yield from _misfits((*key, str(name)), item, inner[1])
    elif kind in (list, tuple, Sequence) and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _misfits((*key, str(number)), item, inner[0])
    elif hint in _OBJECTS:
        yield from _object_misfits(key, value, hint)
    elif isinstance(value, dict) and isinstance(hint, type) and _has_arguments(hint):
        yield from _argument_misfits(key, value, hint)
    elif not _has_type(value, hint, kind, inner):
        yield key


def _object_misfits(key: _Key, value: object, base: type) -> Iterator[_Key]:
    """Yields the keys of misfits in an object's class path and arguments."""
    options = value if isinstance(value, dict) else {}
    path, arguments = options.get("class_path"), options.get("init_args") or {}
    kind = find_class(path) if isinstance(path, str) else None
    is_plain = isinstance(arguments, dict) and options.keys() <= {"class_path", "init_args"}
    if is_plain and isinstance(kind, type) and issubclass(kind, base):
        yield from _argument_misfits((*key, "init_args"), arguments, kind)
    else:
        yield key


def _argument_misfits(key: _Key, arguments: dict[str, object], kind: type) -> Iterator[_Key]:
    """Yields the keys of arguments that a class does not have, or that have another type."""
    try:
        parameters = signature(kind, eval_str=True).parameters
    except (NameError, ValueError):  # a type hint that exists for type checkers only
        parameters = MappingProxyType({})
    for name, value in arguments.items():
        if name in parameters:
            yield from _misfits((*key, str(name)), value, parameters[name].annotation)
        else:
            yield (*key, str(name))


def _has_arguments(hint: type) -> bool:
    """Returns whether a mapping for a type holds the arguments of its constructor."""
    return hint in _SECTIONS.values() or is_dataclass(hint)


def _has_type(value: object, hint: object, kind: object, inner: tuple[object, ...]) -> bool:
    """Returns whether a value has a plain type."""
    if hint is Any:
        return _is_data(value)
    if kind is Literal:
        return not isinstance(value, dict | list) and value in inner
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is Path:
        return isinstance(value, str)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return hint in (str, bool, NoneType) and type(value) is hint


def _is_data(value: object) -> bool:
    """Returns whether a value of any type is data; the parser instantiates class paths."""
    if isinstance(value, dict):
        return "class_path" not in value and all(map(_is_data, value.values()))
    if isinstance(value, list):
        return all(map(_is_data, value))
    text = str(value) if _is_plain(value) else "class_path"
    return "class_path" not in text and "\\" not in text  # nor YAML that escapes it


def _plain(section: object, pattern: str) -> dict[str, object]:
    """Returns the options of a section that have such names and plain values."""
    options = section if isinstance(section, dict) else {}
    return {
        name: value
        for name, value in options.items()
        if re.fullmatch(pattern, str(name)) and _is_plain(value)
    }


def _is_plain(value: object) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(item is None or isinstance(item, bool | int | float | str) for item in values)


def _require_small(path: Path, config: object) -> None:
    """Raises `InputError` if YAML aliases make a configuration too large or endless."""
    waiting, count = [config], 0
    while waiting:
        value = waiting.pop()
        count += 1
        if count > _MOST:
            raise InputError(
                "a configuration must not repeat YAML aliases without end",
                found=f"more than {_MOST:,} values",
                expected=f"the file as `{program()} fit` wrote it",
                file=path,
            )
        if isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value


def _value_text(value: object, key: _Key) -> str:
    """Returns the value of a key as text for a message."""
    for name in key:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list):
            value = value[int(name)]
    if isinstance(value, dict):
        value = value.get("class_path", "a mapping with other keys")
    return "a list" if isinstance(value, dict | list) else str(value)[:200]
