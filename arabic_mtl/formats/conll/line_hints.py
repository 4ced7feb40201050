"""The likeliest reasons why a line of a CoNLL file cannot be read, for error messages."""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

TAG = re.compile(r"O|[BIESLU]-(?!-)\S+")
"""Matches a tag of the common schemes."""

_GLUED_TAG = re.compile(r"(.+?)([BIESLU]-\S+|O)")  # the blank before a tag is missing
_GLUED_LINE = re.compile(r"(O|[BIESLU]-\w+?)(?=[^\x00-\x7f])")  # the line end after a tag
_SHOWN = 60  # characters of a line in a message


class Columns(Protocol):
    """The columns that a line must have (`arabic_mtl.formats.conll.layout.Layout`)."""

    @property
    def columns(self) -> Sequence[str]:
        """Returns the names of the columns."""

    @property
    def delimiter(self) -> str:
        """Returns the string between cells; empty for runs of blanks."""

    @property
    def is_quoted(self) -> bool:
        """Returns True if cells can stand in quotes."""


def shown(text: str) -> str:
    """Returns a line in quotation marks, shortened if it is long."""
    return f"«{text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}»"


def width_hint(row: Sequence[str], text: str, layout: Columns) -> str:
    """Returns the likeliest reason why a line has too many or too few cells.

    Args:
        row: The cells.
        text: The line.
        layout: The columns that the line must have.
    """
    reasons = _missing if len(row) < len(layout.columns) else _surplus
    return next(reasons(row, text, layout))


def _missing(row: Sequence[str], text: str, layout: Columns) -> Iterator[str]:
    """Yields reasons for too few cells, the likeliest one first."""
    yield from _delimiters(text, layout)
    if text[:1] in (" ", "\t") and row and TAG.fullmatch(row[0]):
        yield "the word before the blank seems to be missing"
    if len(row) == 1 and (match := _GLUED_TAG.fullmatch(row[0])):
        yield f"a blank seems to be missing: {match[1]} {match[2]}"
    yield f"`columns` with {len(row)} names if all lines are so"


def _surplus(row: Sequence[str], text: str, layout: Columns) -> Iterator[str]:
    """Yields reasons for too many cells, the likeliest one first."""
    width, size = len(layout.columns), len(row)
    if '"' in text and layout.delimiter and not layout.is_quoted:
        yield "`quoting: csv` if cells can stand in quotes"
    if size == 2 * width - 1 and (match := _GLUED_LINE.match(row[width - 1])):
        yield f"a line end seems to be missing after {' '.join([*row[: width - 1], match[0]])}"
    if size == 2 * width and TAG.fullmatch(row[width - 1]) and not TAG.fullmatch(row[width]):
        yield f"a line end seems to be missing after {' '.join(row[:width])}"
    if width > 1 and all(map(TAG.fullmatch, row[width - 1 :])):
        yield f"`columns: [{', '.join(layout.columns)}...]` if the tags are levels of nested spans"
    yield from _delimiters(text, layout)
    yield "`columns` with `_` for each column that is not to be read"


def _delimiters(text: str, layout: Columns) -> Iterator[str]:
    """Yields the delimiters that would cut a line into the right number of cells."""
    for name, delimiter in (("tab", "\t"), ('","', ","), ('";"', ";")):
        width = len(text.split(delimiter))
        if delimiter != layout.delimiter and width == len(layout.columns) > 1:
            yield f"`delimiter: {name}`, which cuts the line into {width}"
