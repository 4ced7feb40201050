"""The part of a run's configuration that may be taken from someone else's run."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from inspect import signature
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import yaml

from arabic_mtl.cli.parser import TAKEN, read_config
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
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
classes, devices or places: they belong to whoever calls the command."""

_PLAIN = ("checkpoint", "early_stopping", "last", "dashboard")
"""Options of this project's own callbacks, none of which names a class or a path."""

_SECTIONS = {"data": MultiTaskData, "model": MultiTaskModule}
_OBJECTS = (Format, Task, Encoder, Balancing)
"""The kinds of classes that a configuration names below ``data`` and ``model``."""

_CALLERS_OWN = ("cache", "num_workers", "persistent_workers")
"""Keys of ``data`` that decide no result, but what is written and started on a machine."""

_MOST = 100_000  # values of a configuration, counted as often as an alias repeats them

_Key = tuple[str, ...]


def trusted_config(run: Path) -> str:
    """Returns what may be taken of a run's ``config.yaml``, as YAML for ``--config``.

    That is ``data`` and ``model`` but for the cache and the loaders, with classes that `find_class`
    knows, the seed, and those options of the Trainer and of this project's callbacks that are
    plain values. Every value must be of the type that its constructor asks for: the parser would
    take a string in the place of an object as an import path, or as the name of a further file.

    Raises:
        InputError: If it names another class, or is no configuration.
    """
    path = run / "config.yaml"
    config = read_config(path)
    _require_small(path, config)
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
    """Returns ``data`` or ``model`` if all its values are of types that may be taken."""
    content = config.get(section)
    for key in _misfits((section,), content, _SECTIONS[section]):
        raise InputError(
            "a run's config.yaml must name only classes of arabic_mtl, of installed distributions "
            "that announce them, or that are imported already; all else must be plain values",
            found=f"{'.'.join(key)}: {_shown(content, key[1:])}",
            expected="the file as `train.py fit` wrote it; or, if you trust it as you trust code: "
            f"--config {path}",
            file=path,
        )
    content = content if isinstance(content, dict) else {}
    return {name: value for name, value in content.items() if name not in _CALLERS_OWN}


def _misfits(key: _Key, value: object, hint: object) -> Iterator[_Key]:
    """Yields the keys of values that are not of the type that a constructor asks for."""
    kind, inner = get_origin(hint), get_args(hint)
    if kind in (Union, UnionType):
        found = [list(_misfits(key, value, each)) for each in inner]
        if all(found):
            yield max((keys[0] for keys in found), key=len)
    elif kind in (dict, Mapping) and isinstance(value, dict):
        for name, each in value.items():
            yield from _misfits((*key, str(name)), each, inner[1])
    elif kind in (list, tuple, Sequence) and isinstance(value, list):
        for number, each in enumerate(value):
            yield from _misfits((*key, str(number)), each, inner[0])
    elif hint in _OBJECTS:
        yield from _object_misfits(key, value, hint)
    elif isinstance(value, dict) and isinstance(hint, type) and _has_arguments(hint):
        yield from _argument_misfits(key, value, hint)
    elif not _is_of(value, hint, kind, inner):
        yield key


def _object_misfits(key: _Key, value: object, base: type) -> Iterator[_Key]:
    """Yields what is wrong in the place of an object: class path and arguments."""
    options = value if isinstance(value, dict) else {}
    path, arguments = options.get("class_path"), options.get("init_args") or {}
    found = find_class(path) if isinstance(path, str) else None
    whole = isinstance(arguments, dict) and options.keys() <= {"class_path", "init_args"}
    if whole and isinstance(found, type) and issubclass(found, base):
        yield from _argument_misfits((*key, "init_args"), arguments, found)
    else:
        yield key


def _argument_misfits(key: _Key, arguments: dict[str, object], kind: type) -> Iterator[_Key]:
    """Yields the keys of arguments that a class does not have, or that are of other types."""
    try:
        parameters = signature(kind, eval_str=True).parameters
    except (NameError, ValueError):  # of a class whose types are not there at run time
        parameters = MappingProxyType({})
    for name, value in arguments.items():
        if name in parameters:
            yield from _misfits((*key, str(name)), value, parameters[name].annotation)
        else:
            yield (*key, str(name))


def _has_arguments(hint: type) -> bool:
    """Returns whether a mapping in the place of a type holds the arguments of its constructor."""
    return hint in _SECTIONS.values() or is_dataclass(hint)


def _is_of(value: object, hint: object, kind: object, inner: tuple[object, ...]) -> bool:
    """Returns whether a value is of a plain type."""
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
    """Returns whether a value of any type is data: the parser makes objects of class paths."""
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
    several = value if isinstance(value, list) else [value]
    return all(each is None or isinstance(each, bool | int | float | str) for each in several)


def _require_small(path: Path, config: object) -> None:
    """Refuses aliases that repeat each other without end."""
    waiting, count = [config], 0
    while waiting:
        value = waiting.pop()
        count += 1
        if count > _MOST:
            raise InputError(
                "a configuration must not be endless",
                found=f"more than {_MOST:,} values",
                expected="the file as `train.py fit` wrote it",
                file=path,
            )
        if isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value


def _shown(value: object, key: _Key) -> str:
    """Returns the value of a key, for people to read."""
    for name in key:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list):
            value = value[int(name)]
    if isinstance(value, dict):
        value = value.get("class_path", "a mapping with other keys")
    return "a list" if isinstance(value, dict | list) else str(value)[:200]
