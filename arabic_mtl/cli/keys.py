"""Unknown keys of configurations and options, found by the classes that the keys are for."""

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
"""Last words of options that ask for a text."""

_DEEPEST = 30  # levels of a configuration: aliases can repeat each other without end

_Key = tuple[str, ...]


class Unknown(NamedTuple):
    """A key that its place does not have.

    Args:
        key: The key, from the top.
        level: The index of the first word in it that is not known.
        known: The words that its place has.
    """

    key: _Key
    level: int
    known: tuple[str, ...]


class Search:
    """A search for unknown keys, which remembers the classes that are named on the way.

    Args:
        known: The keys of the command's parser, such as ``data`` and ``data.plan.step``.
        classes: Key to class path, where the parser has a default.
    """

    def __init__(self, known: Iterable[str], classes: Mapping[str, str]) -> None:
        self.known = dict.fromkeys(known)
        self.classes = dict(classes)

    @classmethod
    def of(cls, defaults: Namespace) -> Self:
        """Returns one for the keys of a parser.

        Args:
            defaults: The parser's.
        """
        known = list(defaults.keys(branches=True))
        end = ".class_path"
        classes = {key: defaults[key] for key in known if key.endswith(end)}
        return cls(known, {key.removesuffix(end): path for key, path in classes.items()})

    def in_mapping(self, content: Mapping[str, object], key: _Key = ()) -> Iterator[Unknown]:
        """Yields the unknown keys of a configuration, or of the part of one below a key."""
        for name, value in content.items():
            below = (*key, str(name))
            yield from self._in_value(below, below, value)

    def in_option(self, key: _Key, value: str) -> Iterator[Unknown]:
        """Yields what is unknown in the key of an option, and in its value.

        Args:
            key: Such as ``("data", "tasks", "ner", "weight")``.
            value: As it was typed.
        """
        content: object = value
        with suppress(yaml.YAMLError, ValueError, RecursionError):
            content = yaml.safe_load(value)
        if key[-1] not in _FLAGS:
            yield from self._in_value(key[:1], key, content)

    def _in_value(self, start: _Key, key: _Key, value: object) -> Iterator[Unknown]:
        """Yields what is unknown from a key on that is one of the parser, or a part of one."""
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
        """Yields what is unknown in the place of types: by the rest of a key, then in the value."""
        hints = tuple(members_of(hints))
        classes = classes_of(hints)
        if len(key) + len(rest) > _DEEPEST:
            return
        if rest:
            yield from self._in_rest(key, rest, value, hints)
        elif isinstance(value, list):
            for number, each in enumerate(value):
                yield from self._in_typed((*key, str(number)), (), each, items_of(hints))
        elif isinstance(value, str) and classes:
            self._remember(key, value)
        elif isinstance(value, dict) and classes and not value.keys().isdisjoint(_OBJECT):
            yield from self._in_object(key, value, hints)
        elif isinstance(value, dict):
            for name, each in value.items():
                yield from self._in_rest(key, (str(name),), each, hints)

    def _in_rest(self, key: _Key, rest: _Key, value: object, hints: Hints) -> Iterator[Unknown]:
        """Yields what is unknown below the key of a mapping, or of an object."""
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
        """Yields what is unknown in a class path with its arguments."""
        for name in value:
            if name not in _OBJECT:
                yield Unknown((*key, str(name)), len(key), _OBJECT)
        if isinstance(path := value.get("class_path"), str):
            self._remember(key, path)
        arguments = value.get("init_args")
        for name, each in arguments.items() if isinstance(arguments, dict) else ():
            below = (*key, "init_args")
            yield from self._in_argument(below, (str(name),), each, self._class(key, hints))

    def _in_argument(
        self, key: _Key, rest: _Key, value: object, kind: type | None
    ) -> Iterator[Unknown]:
        """Yields what is unknown in an argument of a class."""
        arguments = None if kind is None else arguments_of(kind)
        if arguments is None:
            return
        if rest[0] in arguments:
            below = (*key, rest[0])
            yield from self._in_typed(below, rest[1:], value, (arguments[rest[0]],))
        else:
            yield Unknown((*key, *rest), len(key), tuple(arguments))

    def _class(self, key: _Key, hints: Hints) -> type | None:
        """Returns the class of the object at a key, if it is known."""
        classes = classes_of((*hints, *members_of(items_of(hints))))
        path = self.classes.get(_plain(key))
        if path is not None:
            return find_subclass(path, classes)
        return next((kind for kind in classes if is_dataclass(kind) and not isabstract(kind)), None)

    def _remember(self, key: _Key, path: str) -> None:
        self.classes[_plain(key)] = path
        if key[-1].isdigit():  # options go to the last object of a list
            self.classes[_plain(key[:-1])] = path

    def _is_group(self, name: str) -> bool:
        """Returns whether the parser itself has keys below a key."""
        below = [key for key in self.known if key.startswith(f"{name}.")]
        return bool(below) and f"{name}.class_path" not in below

    def _known_below(self, key: _Key) -> tuple[str, ...]:
        split = [tuple(name.split(".")) for name in self.known]
        return tuple({name[len(key)]: 0 for name in split if _is_below(name, key)})


def _hints_of(key: _Key) -> Hints:
    """Returns the type of a key of a section; nothing if it has none."""
    hint: object = _SECTIONS.get(key[0])
    for name in key[1:]:
        arguments = arguments_of(hint) if isinstance(hint, type) else None
        if not arguments or name not in arguments:
            return ()
        hint = arguments[name]
    return () if hint is None else (hint,)


def _plain(key: _Key) -> str:
    """Returns a key without the words that configurations may leave out."""
    return ".".join(name for name in key if name != "init_args")


def _is_below(name: _Key, key: _Key) -> bool:
    return len(name) > len(key) and name[: len(key)] == key
