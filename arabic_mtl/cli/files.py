"""The format of a user's file: recognized, or named by options of the command line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml
from jsonargparse import ArgumentError, ArgumentParser

from arabic_mtl.cli.hints import arguments_of, find_subclass
from arabic_mtl.cli.loader import use_loader
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format, known_formats, recognize

use_loader()

_SPLITS = {"train", "validation", "test", "rows"}  # options that name files of a corpus


@dataclass(frozen=True)
class OpenFormat:
    """The format that a file is read with.

    Args:
        format: The format, with its options.
        options: The guessed and the given options.
        doubts: A short sentence about each guessed option that may be wrong.
    """

    format: Format
    options: Mapping[str, object]
    doubts: Sequence[str]

    def __str__(self) -> str:
        """Returns the name of the format with its options, as in YAML."""
        options = yaml.safe_dump(
            dict(self.options), default_flow_style=True, allow_unicode=True, width=float("inf")
        )
        name = type(self.format).__name__
        return f"{name} {options.strip()}" if self.options else name


def open_format(
    path: Path,
    options: Mapping[str, object] | None = None,
    name: str | None = None,
    *,
    option: str = "--format",
) -> OpenFormat:
    """Returns the format to read a file with: the one that fits the file best, if none is named.

    Args:
        path: The file, of which only the beginning is read.
        options: Options of the format, which replace guessed ones.
        name: The name of a class in `arabic_mtl.formats`, or the import path of another `Format`.
        option: The option of the command line for the name, for errors.

    Raises:
        InputError: If no format fits the file, or an option or the name is unknown or invalid.
    """
    given = dict(options or {})
    kind, guess = recognize(path, None if name is None else _kind(name, option), option)
    merged = {**guess.options, **given}
    doubts = [doubt for doubt in guess.doubts if not any(key in doubt for key in given)]
    try:
        create: Callable[..., Format] = (
            kind if not (given or name) else partial(create_format, kind)
        )
        format_ = create(**merged)
    except InputError as error:
        raise error.locate(path) from None
    return OpenFormat(format_, merged, doubts)


def read_options(words: Sequence[str]) -> dict[str, object]:
    """Returns options of a format from words such as ``columns=[word, ner]``.

    A value that YAML reads as a comment, or a single character that it has a meaning for, is a
    string: ``comments=#``, ``delimiter=|``.

    Raises:
        InputError: If a word has no ``=``, or its value is not YAML.
    """
    options = {}
    for word in words:
        key, equals, value = word.partition("=")
        is_plain = value.startswith("#") or (len(value) == 1 and not value.isalnum())
        try:
            options[key] = value if is_plain else yaml.safe_load(value)
        except yaml.YAMLError:
            equals = ""
        if not equals or not key:
            raise InputError(
                "an option of a format must be a name and a value in YAML",
                found=word,
                expected="KEY=VALUE, such as 'columns=[word, ner]'",
            )
    return options


def _kind(name: str, option: str) -> type[Format]:
    """Returns the format of a class name or an import path."""
    kind = find_subclass(name, [Format])
    if kind is None:
        raise InputError(
            f"{option} must be a class of arabic_mtl.formats, or the import path of a Format",
            found=name,
            expected=", ".join(known.__name__ for known in known_formats()),
        )
    return kind


def create_format(kind: type[Format], /, **options: object) -> Format:
    """Creates a format from values of YAML, which are checked by the types of its options.

    Raises:
        InputError: If an option is unknown or has a value of another type.
    """
    names = arguments_of(kind)
    known = [name for name in names or options if name not in _SPLITS]
    if unknown := [name for name in options if name not in known]:
        raise InputError(
            f"the options of a format must be options of {kind.__name__}",
            found=", ".join(unknown),
            expected=", ".join(known),
        )
    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(kind, "format", skip=_SPLITS)
    try:
        created: Format = parser.instantiate(parser.parse_object({"format": options})).format
    except ArgumentError as error:
        raise InputError(
            f"the options of {kind.__name__} must have values of the right type",
            found=" ".join(str(error).split()).replace('Parser key "format.', '"'),
            expected=f"see the class {kind.__module__}.{kind.__name__}",
        ) from None
    return created
