"""Type hints of constructors, and the classes that a configuration may name for them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from inspect import Parameter, signature
from pkgutil import resolve_name
from types import UnionType
from typing import Union, get_args, get_origin

from jsonargparse import ArgumentParser

Hints = tuple[object, ...]
"""The alternative types of a value."""


def find_subclass(path: str, bases: Collection[type]) -> type | None:
    """Returns the class of an import path, or of a class name, if it is a subclass of a base."""
    found: object = None
    if "." in path:
        with suppress(Exception):  # any error of the module: the parser reports it
            found = resolve_name(path)
    else:
        named = (kind for base in bases for kind in subclasses_of(base) if kind.__name__ == path)
        found = next(named, None)
    return found if isinstance(found, type) and issubclass(found, tuple(bases)) else None


@cache
def arguments_of(kind: type) -> dict[str, object] | None:
    """Returns the type hint of each argument of a class; None if the arguments are unknown."""
    with suppress(Exception):  # for example, a type hint that exists for type checkers only
        return _arguments(kind)
    return None


def _arguments(kind: type) -> dict[str, object]:
    parameters = signature(kind, eval_str=True).parameters.values()
    named = {
        parameter.name: parameter.annotation
        for parameter in parameters
        if parameter.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    }
    if all(parameter.kind != Parameter.VAR_KEYWORD for parameter in parameters):
        return named
    parser = ArgumentParser(exit_on_error=False)  # which resolves `**kwargs`
    parser.add_class_arguments(kind, "object")
    keys = [key.split(".") for key in parser.get_defaults().keys(branches=True)]
    return {key[1]: object for key in keys if len(key) > 1} | named


def members_of(hints: Hints) -> Iterator[object]:
    """Yields types; a union is replaced by its members."""
    for hint in hints:
        if get_origin(hint) in (Union, UnionType):
            yield from members_of(get_args(hint))
        else:
            yield hint


def classes_of(hints: Hints) -> list[type]:
    """Returns the types whose values are objects with named arguments."""
    plain = (object, str, int, float, bool, dict, list, tuple, set, type(None))
    return [hint for hint in hints if isinstance(hint, type) and hint not in plain]


def entries_of(hints: Hints) -> Hints:
    """Returns the types of the values of mappings."""
    return tuple(
        get_args(hint)[1]
        for hint in hints
        if isinstance(origin := get_origin(hint), type) and issubclass(origin, Mapping)
    )


def items_of(hints: Hints) -> Hints:
    """Returns the types of the values of lists."""
    origins = [(hint, get_origin(hint)) for hint in hints]
    return tuple(
        get_args(hint)[0]
        for hint, origin in origins
        if isinstance(origin, type)
        and issubclass(origin, Iterable)
        and not issubclass(origin, Mapping)
    )


def subclasses_of(kind: type) -> Iterator[type]:
    """Yields a class and all its subclasses."""
    yield kind
    subclasses: list[type] = kind.__subclasses__()
    for subclass in subclasses:
        yield from subclasses_of(subclass)
