"""Errors of rows in text files, with the options that would read them."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace

from arabic_mtl.errors import InputError

LONGEST = 2**22
"""The most characters of a quoted cell: enough for the annotations of the longest text."""

_SHOWN = 60  # characters of a row in a message
DELIMITERS = {",": "','", "\t": "tab", ";": "';'", "|": "'|'"}
"""The usual delimiters, as they are written in options."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The way in which cells are written in a text file.

    Args:
        delimiter: The character between cells.
        is_quoted: True if cells can stand in quotes; False if quotes are characters of the text.
    """

    delimiter: str
    is_quoted: bool

    @property
    def other_quoting(self) -> "Dialect":
        """Returns the same dialect with the other quoting."""
        return replace(self, is_quoted=not self.is_quoted)

    def split(self, texts: Sequence[str]) -> list[str]:
        """Returns the cells of the row that begins with some lines; none if it is broken."""
        if not self.is_quoted:
            return texts[0].rstrip("\r\n").split(self.delimiter)
        try:
            return next(csv.reader(texts, delimiter=self.delimiter, strict=True), [])
        except csv.Error:
            return []


def shown(text: str, length: int = _SHOWN) -> str:
    """Returns a text on one line, shortened if it is long."""
    line = text.rstrip("\r\n").replace("\n", "⏎").replace("\r", "␍").replace("\t", "⇥")
    return f"{line[:length]}…" if len(line) > length else line


def wrong_width(
    cells: Sequence[str], names: Sequence[str], hints: Sequence[str] = ()
) -> InputError:
    """Returns the error for a row with another number of cells than columns.

    Args:
        cells: The cells.
        names: The names of the columns.
        hints: The options with which the row could be read.
    """
    number = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    return InputError(
        "each row of a table must have one cell per column",
        found=f"{number}: {shown(' | '.join(cells))}",
        expected="; ".join([f"{len(names)}: {', '.join(names)}", *hints]),
    )


def unreadable_row(problem: str, texts: Sequence[str], hints: Sequence[str]) -> InputError:
    """Returns the error for a row whose quotes cannot be what encloses its cells.

    Args:
        problem: What is wrong with the row.
        texts: The lines of the row.
        hints: The options with which the row could be read.
    """
    quoted = f'"one ""cell"", whole", of at most {LONGEST:,} characters'
    return InputError(
        "a cell that contains delimiters, quotes or line ends must be quoted",
        found=f"{problem}: {shown(''.join(texts))}",
        expected="; ".join([quoted, *hints]),
    )


def swallowed_rows(cells: Sequence[str], dialect: Dialect) -> bool:
    """Returns True if a quoted cell seems to be the end of a row and the beginning of another.

    That is what quotes of texts look like in tables without quoting. Only tabs show it: commas
    are frequent in texts.

    Args:
        cells: The cells of a row that has as many as columns.
        dialect: The dialect that the file is read in.
    """
    if dialect.delimiter != "\t" or len(cells) < 2:
        return False
    for index, cell in enumerate(cells):
        sizes = [line.count("\t") + 1 for line in cell.split("\n")]
        first, *inner, last = sizes if len(sizes) > 1 else (0, 1)
        if (first > 1 and index + first == len(cells)) or len(cells) in inner:
            return True
        if last > 1 and last == index + 1:
            return True
    return False


def other_delimiters(text: str, dialect: Dialect) -> dict[str, list[str]]:
    """Returns the other usual delimiters in a line, with the cells that they separate."""
    others = (replace(dialect, delimiter=other) for other in DELIMITERS)
    return {
        DELIMITERS[other.delimiter]: other.split([text])
        for other in others
        if other.delimiter != dialect.delimiter and other.delimiter in text
    }


def row_hints(texts: Sequence[str], dialect: Dialect, names: Sequence[str]) -> list[str]:
    """Returns the options with which a row would have one cell per column.

    Args:
        texts: The row's first line, and lines after it.
        dialect: The dialect that the file is read in.
        names: The names of the columns; none if they are unknown.
    """
    hints = []
    other = dialect.other_quoting
    if '"' in texts[0] and names and len(other.split(texts)) == len(names):
        value = "csv" if other.is_quoted else "none"
        hints.append(f"or the option `quoting: {value}`, which reads {len(names)} cells here")
    for delimiter, cells in other_delimiters(texts[0], dialect).items():
        if len(names) > 1 and len(cells) == len(names):
            hints.append(f"or the option `delimiter: {delimiter}`")
    return hints
