"""The search for unknown keys in configurations and options, by the classes of their values."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import is_dataclass
from inspect import isabstract
from typing import NamedTuple, Self

import yaml
from jsonargparse import Namespace
from lightning.pytorch import Trainer

from arabic_mtl.cli.hints import (
    Hints,
    arguments_of,
    classes_of,
    entries_of,
    find_subclass,
    items_of,
    members_of,
)
from arabic_mtl.data import MultiTaskData
from arabic_mtl.training import MultiTaskModule

_SECTIONS = {"data": MultiTaskData, "model": MultiTaskModule, "trainer": Trainer}
_OBJECT = ("class_path", "init_args", "dict_kwargs")
_FLAGS = ("help", "print_config")
"""Last words of options that print a text."""

_DEEPEST = 30  # levels of a configuration; YAML aliases can repeat each other without end

_Key = tuple[str, ...]


class Unknown(NamedTuple):
    """An unknown key.

    Args:
        key: The key, from the top of the configuration.
        level: The index of its first unknown word.
        known: The words that are known at this level.
    """

    key: _Key
    level: int
    known: tuple[str, ...]


class Search:
    """A search for unknown keys, which records the classes that a configuration names.

    Args:
        known: The keys of the command's parser, such as ``data`` and ``data.plan.step``.
        classes: Key to the class path that is the parser's default.
    """

    def __init__(self, known: Iterable[str], classes: Mapping[str, str]) -> None:
        self.known = dict.fromkeys(known)
        self.classes = dict(classes)

    @classmethod
    def from_defaults(cls, defaults: Namespace) -> Self:
        """Returns a search for unknown keys of a parser.

        Args:
            defaults: The defaults of the parser.
        """
        known = list(defaults.keys(branches=True))
        end = ".class_path"
        classes = {key: defaults[key] for key in known if key.endswith(end)}
        return cls(known, {key.removesuffix(end): path for key, path in classes.items()})

    def in_mapping(self, content: Mapping[str, object], key: _Key = ()) -> Iterator[Unknown]:
        """Yields the unknown keys of a configuration, or of its part below a key."""
        for name, value in content.items():
            below = (*key, str(name))
            yield from self._in_value(below, below, value)

    def in_option(self, key: _Key, value: str) -> Iterator[Unknown]:
        """Yields the unknown keys of an option: in its name, then in its value.

        Args:
            key: The option's key, such as ``("data", "tasks", "ner", "weight")``.
            value: The option's value, as text.
        """
        content: object = value
        with suppress(yaml.YAMLError, ValueError, RecursionError):
            content = yaml.safe_load(value)
        if key[-1] not in _FLAGS:
            yield from self._in_value(key[:1], key, content)

    def _in_value(self, start: _Key, key: _Key, value: object) -> Iterator[Unknown]:
        """Yields the unknown keys in a value, starting with (part of) a parser's key."""
        name = ".".join(start)
        if name not in self.known and not _hints_of(start):
            yield Unknown(key, len(start) - 1, self._known_below(start[:-1]))
        elif not self._is_group(name):
            yield from self._in_typed(start, key[len(start) :], value, _hints_of(start))
        elif len(start) < len(key):
            yield from self._in_value(key[: len(start) + 1], key, value)
        elif isinstance(value, dict):
            yield from self.in_mapping(value, key)

    def _in_typed(self, key: _Key, rest: _Key, value: object, hints: Hints) -> Iterator[Unknown]:
        """Yields the unknown keys in the rest of a key, then in its value, by type hints."""
        hints = tuple(members_of(hints))
        classes = classes_of(hints)
        if len(key) + len(rest) > _DEEPEST:
            return
        if rest:
            yield from self._in_rest(key, rest, value, hints)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                yield from self._in_typed((*key, str(number)), (), item, items_of(hints))
        elif isinstance(value, str) and classes:
            self._remember(key, value)
        elif isinstance(value, dict) and classes and not value.keys().isdisjoint(_OBJECT):
            yield from self._in_object(key, value, hints)
        elif isinstance(value, dict):
            for name, item in value.items():
                yield from self._in_rest(key, (str(name),), item, hints)

    def _in_rest(self, key: _Key, rest: _Key, value: object, hints: Hints) -> Iterator[Unknown]:
        """Yields the unknown keys below the key of a mapping or of an object."""
        name, *others = rest
        if entries := entries_of(hints):
            yield from self._in_typed((*key, name), tuple(others), value, entries)
        elif name == "class_path":
            self._remember(key, str(value))
        elif name == "init_args":
            below = (*key, name)
            if others:
                yield from self._in_argument(below, tuple(others), value, self._class(key, hints))
            elif isinstance(value, dict):
                yield from self._in_object(key, {name: value}, hints)
        elif name not in _OBJECT:
            yield from self._in_argument(key, rest, value, self._class(key, hints))

    def _in_object(self, key: _Key, value: dict[object, object], hints: Hints) -> Iterator[Unknown]:
        """Yields the unknown keys in a class path with its arguments."""
        for name in value:
            if name not in _OBJECT:
                yield Unknown((*key, str(name)), len(key), _OBJECT)
        if isinstance(path := value.get("class_path"), str):
            self._remember(key, path)
        arguments = value.get("init_args")
        for name, argument in arguments.items() if isinstance(arguments, dict) else ():
            below = (*key, "init_args")
            yield from self._in_argument(below, (str(name),), argument, self._class(key, hints))

    def _in_argument(
        self, key: _Key, rest: _Key, value: object, kind: type | None
    ) -> Iterator[Unknown]:
        """Yields the unknown keys in an argument of a class."""
        arguments = None if kind is None else arguments_of(kind)
        if arguments is None:
            return
        if rest[0] in arguments:
            below = (*key, rest[0])
            yield from self._in_typed(below, rest[1:], value, (arguments[rest[0]],))
        else:
            yield Unknown((*key, *rest), len(key), tuple(arguments))

    def _class(self, key: _Key, hints: Hints) -> type | None:
        """Returns the class of the object at a key; None if it is unknown."""
        classes = classes_of((*hints, *members_of(items_of(hints))))
        path = self.classes.get(_plain(key))
        if path is not None:
            return find_subclass(path, classes)
        return next((kind for kind in classes if is_dataclass(kind) and not isabstract(kind)), None)

    def _remember(self, key: _Key, path: str) -> None:
        self.classes[_plain(key)] = path
        if key[-1].isdigit():  # options are for the last object of a list
            self.classes[_plain(key[:-1])] = path

    def _is_group(self, name: str) -> bool:
        """Returns whether the parser has keys below a key."""
        below = [key for key in self.known if key.startswith(f"{name}.")]
        return bool(below) and f"{name}.class_path" not in below

    def _known_below(self, key: _Key) -> tuple[str, ...]:
        """Returns the next words of the parser's keys below a key."""
        split = [tuple(name.split(".")) for name in self.known]
        return tuple({name[len(key)]: 0 for name in split if _is_below(name, key)})


def _hints_of(key: _Key) -> Hints:
    """Returns the type hint of a key of a section; an empty tuple if it has none."""
    hint: object = _SECTIONS.get(key[0])
    for name in key[1:]:
        arguments = arguments_of(hint) if isinstance(hint, type) else None
        if not arguments or name not in arguments:
            return ()
        hint = arguments[name]
    return () if hint is None else (hint,)


def _plain(key: _Key) -> str:
    """Returns a key without ``init_args``, which options may leave out."""
    return ".".join(name for name in key if name != "init_args")


def _is_below(name: _Key, key: _Key) -> bool:
    return len(name) > len(key) and name[: len(key)] == key
