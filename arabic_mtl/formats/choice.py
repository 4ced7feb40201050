"""The formats of the command `predict` by name, and the conversions between them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.conll.conll import Conll
from arabic_mtl.formats.conll.writer import ConllWriter
from arabic_mtl.formats.records.records import Records
from arabic_mtl.formats.table.table import Table
from arabic_mtl.formats.text import Text
from arabic_mtl.formats.writer import Writer
from arabic_mtl.formats.xml.xml import Xml

READERS: dict[str, Callable[..., Format]] = {
    "text": Text,
    "jsonl": Records,
    "csv": partial(Table, delimiter=","),
    "tsv": partial(Table, delimiter="\t"),
    "xlsx": Table,
    "parquet": Table,
    "xml": Xml,
    "conll": Conll,
}
"""Name to constructor of an input format; `WITH_FIELDS` take the text's field name as ``text``.

`Conll` takes ``columns``, the names of the columns.
"""

WRITERS: dict[str, Callable[[], Writer]] = {
    "jsonl": Records,
    "csv": partial(Table, delimiter=","),
    "tsv": partial(Table, delimiter="\t"),
    "xml": Xml,
    "conll": ConllWriter,
}
"""Name to constructor of an output format."""

WITH_FIELDS = ("jsonl", "csv", "tsv", "xlsx", "parquet")
"""The names of the formats whose records have several fields, one of which is the text."""

_OUTPUTS = {
    "text": ("jsonl",),
    "jsonl": ("jsonl",),
    "csv": ("csv", "tsv", "jsonl"),
    "tsv": ("tsv", "csv", "jsonl"),
    "xlsx": ("csv", "tsv", "jsonl"),
    "parquet": ("csv", "tsv", "jsonl"),
    "xml": ("xml", "jsonl"),
    "conll": ("conll", "jsonl"),
}
"""Input format to its possible output formats; the first one is the default."""

_SUFFIXES = {
    ".txt": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
    ".xml": "xml",
    ".conll": "conll",
    ".conllu": "conll",
    ".bio": "conll",
    ".iob": "conll",
}


def input_format(path: Path) -> str:
    """Returns the name of the format of an input file, from the ending of its name.

    Raises:
        InputError: If the ending is unknown.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(
            "--input-format must be set if the file name does not show the format",
            found=path.name,
            expected=f"a name that ends in {', '.join(_SUFFIXES)}; or an --input-format",
        )
    return _SUFFIXES[path.suffix.lower()]


def output_format(source: str, path: Path, requested: str | None) -> str:
    """Returns the name of the format to write a file in.

    Args:
        source: The name of the input format.
        path: The file to write; if its ending is unknown, the input format is the default.
        requested: The value of ``--output-format``; None to use the ending of the file name.

    Raises:
        InputError: If the input format cannot be converted to that format.
    """
    outputs = _OUTPUTS[source]
    target = requested or _SUFFIXES.get(path.suffix.lower(), outputs[0])
    if target not in outputs:
        raise InputError(
            "the output format must be one that the input can be converted to",
            found=f"{source} to be converted to {target}",
            expected=f"an --output that ends in, or an --output-format: {', '.join(outputs)}",
        )
    return target
