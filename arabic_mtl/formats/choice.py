"""The formats that can be annotated by name, and those that each can be written in."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.jsonl import JsonLines
from arabic_mtl.formats.lines import PlainText
from arabic_mtl.formats.table import Table
from arabic_mtl.formats.writer import Writer
from arabic_mtl.formats.xml import Xml

READERS: dict[str, Callable[..., Format]] = {
    "text": PlainText,
    "jsonl": JsonLines,
    "csv": partial(Table, delimiter=","),
    "tsv": partial(Table, delimiter="\t"),
    "xml": Xml,
}
"""Name to format; those of `WITH_FIELDS` take the name of the texts' field, ``text``."""

WRITERS: dict[str, Callable[[], Writer]] = {
    "jsonl": JsonLines,
    "csv": partial(Table, delimiter=","),
    "tsv": partial(Table, delimiter="\t"),
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
"""Format to those that its files can be written in, first the one for names without an ending."""

_SUFFIXES = {
    ".txt": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".xml": "xml",
}


def input_format(path: Path) -> str:
    """Returns the format of a file to read, by its name.

    Raises:
        InputError: If the name has none of the endings.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(
            "the name of a file tells its format, or --input-format does",
            found=path.name,
            expected=f"one that ends in {', '.join(_SUFFIXES)}; or an --input-format",
        )
    return _SUFFIXES[path.suffix.lower()]


def output_format(source: str, path: Path, asked: str | None) -> str:
    """Returns the format to write a file in.

    Args:
        source: The format of the file that was read.
        path: The file to write; an unknown ending leaves it in its format.
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
