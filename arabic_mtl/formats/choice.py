"""Which formats there are, and what each can be written as."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Reader, Writer
from arabic_mtl.formats.jsonl import JsonLines
from arabic_mtl.formats.lines import PlainText
from arabic_mtl.formats.table import Table
from arabic_mtl.formats.xml import Xml

READERS: dict[str, Callable[..., Reader[Any]]] = {
    "text": PlainText,
    "jsonl": JsonLines,
    "csv": partial(Table, ","),
    "tsv": partial(Table, "\t"),
    "xml": Xml,
}
"""Format to what reads it; those of `WITH_FIELDS` take a ``field``."""

WRITERS: dict[str, Callable[[], Writer]] = {
    "jsonl": JsonLines,
    "csv": partial(Table, ","),
    "tsv": partial(Table, "\t"),
    "xml": Xml,
}

WITH_FIELDS = ("jsonl", "csv", "tsv")
"""The formats whose texts stand beside other things."""

_OUTPUTS = {
    "text": ("jsonl",),
    "jsonl": ("jsonl",),
    "csv": ("csv", "tsv", "jsonl"),
    "tsv": ("tsv", "csv", "jsonl"),
    "xml": ("xml", "jsonl"),
}
"""Format to what its files can be written as, first what they are if nothing is said."""

_SUFFIXES = {
    ".txt": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".xml": "xml",
}


def input_format(path: Path) -> str:
    """The format of a file to read, by its name.

    Raises:
        InputError: If the name tells none.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(
            "the name of a file tells its format, or --input-format does",
            found=path.name,
            expected=f"one that ends in {', '.join(_SUFFIXES)}; or an --input-format",
        )
    return _SUFFIXES[path.suffix.lower()]


def output_format(source: str, path: Path, asked: str | None) -> str:
    """The format to write a file in.

    Args:
        source: The format of the file that was read.
        path: The file to write; an ending that says nothing leaves it in its format.
        asked: The format, if it was asked for.

    Raises:
        InputError: If what was read cannot be written so.
    """
    outputs = _OUTPUTS[source]
    wanted = asked or _SUFFIXES.get(path.suffix.lower(), outputs[0])
    if wanted not in outputs:
        raise InputError(
            "a file is written in the format that it was read in, or as JSON lines",
            found=f"{source} to be written as {wanted}",
            expected=f"an --output that ends in, or an --output-format: {', '.join(outputs)}",
        )
    return wanted
