"""Reads the options of a class from its signature and its docstrings."""

import inspect
import re
import types
import typing
from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields, is_dataclass
from pathlib import PurePath
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from docstring_parser import DocstringStyle, ParseError, parse

_NAMES = {type(None): "null", str: "text", bool: "true or false", int: "int", float: "float"}


class Option(NamedTuple):
    """An option as the page shows it.

    Args:
        name: Its key, or its option on the command line.
        type: Its type, in words.
        default: Its default in YAML; empty if it must be given.
        meaning: The explanation in a docstring.
    """

    name: str
    type: str
    default: str
    meaning: str


def class_options(cls: type, names: Iterable[str] | None = None) -> list[Option]:
    """Returns options of a class.

    Args:
        cls: The class.
        names: The names of the options; by default all of them.

    Raises:
        ValueError: If a docstring does not explain an option.
    """
    parameters, meanings = inspect.signature(cls).parameters, _meanings(cls)
    hints = typing.get_type_hints(cls if is_dataclass(cls) else _constructor(cls))
    names = list(parameters) if names is None else list(names)
    if unexplained := [name for name in names if name not in meanings]:
        raise ValueError(f"{cls.__name__} does not explain {', '.join(unexplained)}")
    return [
        Option(name, type_text(hints[name]), _default(cls, parameters[name]), meanings[name])
        for name in names
    ]


def parser_options(parser: ArgumentParser) -> list[Option]:
    """Returns the options of a command."""
    actions = [each for each in parser._actions if each.dest != "help" and each.help != SUPPRESS]
    return [_parser_option(action) for action in actions]


def _parser_option(action: Action) -> Option:
    """Returns an option of a command; its help may name the default: ``(default: 64)``."""
    meaning, _, named = (action.help or "").partition("(default: ")
    default = (
        "" if action.required else value_text(None if action.default == [] else action.default)
    )
    return Option(
        name=", ".join(action.option_strings) or str(action.metavar or action.dest),
        type=_choices(action.choices) if action.choices else _type_of(action.type, action.nargs),
        default=named.removesuffix(")") or default.replace("null", "–"),
        meaning=meaning.strip(),
    )


def description(cls: type) -> list[str]:
    """Returns the paragraphs of the docstring of a class, without its arguments."""
    doc = parse(inspect.getdoc(cls) or "", DocstringStyle.GOOGLE)
    return [text for text in (doc.short_description, doc.long_description) if text]


def type_text(hint: Any) -> str:
    """Returns a type in words.

    >>> type_text(int | None), type_text(Literal["mixed", "single"]), type_text(tuple[str, ...])
    ('int or null', '`mixed` or `single`', 'list of text')
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(type_text(argument) for argument in arguments)
    if origin is Literal:
        return _choices(arguments)
    if origin is dict:
        key, value = map(type_text, arguments)
        return f"mapping of {key} to {value}"
    if origin in (list, tuple):
        return f"list of {type_text(arguments[0])}"
    if isinstance(hint, type) and issubclass(hint, PurePath):
        return "path"
    return _NAMES.get(hint, "any" if hint is Any else getattr(hint, "__name__", str(hint)))


def value_text(value: Any) -> str:
    """Returns a value as YAML has it.

    >>> value_text(None), value_text(True), value_text(""), value_text({}), value_text(["O", ""])
    ('null', 'true', '""', '{}', '[O, ""]')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if value == "":
        return '""'
    if isinstance(value, (str, int, float, dict, PurePath)):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(value_text, value))}]"
    return type(value).__name__


def _meanings(cls: type) -> dict[str, str]:
    """Returns the explanations of arguments in the docstrings of a class and its bases."""
    meanings: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        meanings |= _arguments(_constructor(base).__doc__) | _arguments(base.__doc__)
    return meanings


def _constructor(cls: type) -> Callable[..., None]:
    constructor: Callable[..., None] = inspect.getattr_static(cls, "__init__")
    return constructor


def _arguments(docstring: str | None) -> dict[str, str]:
    """Returns the arguments that a docstring explains; none if it is not in Google's style."""
    try:
        doc = parse(inspect.cleandoc(docstring or ""), DocstringStyle.GOOGLE)
    except ParseError:
        return {}
    return {each.arg_name: _one_line(each.description or "") for each in doc.params}


def _default(cls: type, parameter: inspect.Parameter) -> str:
    if is_dataclass(cls):
        (field,) = (field for field in fields(cls) if field.name == parameter.name)
        if field.default_factory is not MISSING:
            return value_text(field.default_factory())
    return "" if parameter.default is parameter.empty else value_text(parameter.default)


def _type_of(kind: Any, count: Any) -> str:
    """Returns the type of a command's option; functions that convert words are named by result."""
    if count == 0:
        return "flag"
    is_function = kind is not None and not isinstance(kind, type)
    return type_text(typing.get_type_hints(kind)["return"] if is_function else kind or str)


def _choices(choices: Iterable[Any]) -> str:
    return " or ".join(f"`{choice}`" for choice in dict.fromkeys(map(str, choices)))


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
