"""The rows of CSV and TSV files, read so that a broken row does not affect the other rows."""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from arabic_mtl.errors import InputError
from arabic_mtl.formats.lines import Line, lines

_LONGEST = 2**22  # characters of a cell: enough for the annotations of the longest text


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table; it spans several lines if one of its cells does.

    Args:
        lines: The lines of the file.
        content: The cells, or the error in reading them.
        names: The cells of the header row.
    """

    lines: Sequence[Line]
    content: Sequence[str] | csv.Error
    names: Sequence[str]

    @property
    def line(self) -> int:
        """Returns the number of the row's first line."""
        return self.lines[0].line

    @property
    def bom(self) -> str:
        """Returns the byte order mark before the row, which tables for Excel have, or ``""``."""
        return "\ufeff" if self.line == 1 and self.lines[0].offset else ""

    @property
    def is_header(self) -> bool:
        """Returns True for the first row, which contains the column names."""
        return self.content is self.names

    @property
    def is_broken(self) -> bool:
        """Returns True if the row cannot be read or has not one cell per column."""
        return isinstance(self.content, csv.Error) or len(self.content) != len(self.names)

    def cells(self) -> Sequence[str]:
        """Returns the cells.

        Raises:
            InputError: If the row is broken, or not UTF-8.
        """
        for line in self.lines:
            line.text()
        if isinstance(self.content, csv.Error):
            raise InputError(
                "a cell that contains delimiters, quotes or line ends must be quoted",
                found=self.content,
                expected=f'"one ""cell"", whole", of at most {_LONGEST:,} characters',
                line=self.line,
            )
        if self.is_broken:
            raise InputError(
                "each row of a table must have one cell per column",
                found=f"{len(self.content)} cells",
                expected=f"{len(self.names)}: {', '.join(self.names)}",
                line=self.line,
            )
        return self.content


def read_rows(file: BinaryIO, delimiter: str, encoding: str = "utf-8") -> Iterator[TableRow]:
    """Streams the rows of a table, without blank lines.

    A broken row consumes only its first line: otherwise a quote that is never closed would
    consume the rest of the file.
    """
    csv.field_size_limit(_LONGEST)
    source = _Source(lines(file, encoding))
    names: Sequence[str] = ()
    for content in _cells_or_errors(csv.reader(source, delimiter=delimiter, strict=True)):
        consumed = source.pop_consumed()
        if not names and isinstance(content, list):
            names = content
        if content or len(names) == 1:  # with one column, a blank line is an empty cell
            row = TableRow(consumed, content or [""], names)
            if row.is_broken:
                source.push_back(consumed[1:])
                row = TableRow(consumed[:1], content, names)
            yield row


def _cells_or_errors(reader: Iterator[list[str]]) -> Iterator[list[str] | csv.Error]:
    """Yields the cells of each row, or the error of a row that cannot be read."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield error


class _Source(Iterator[str]):
    """The lines of a file as input of a csv reader; undecodable bytes are replaced."""

    def __init__(self, source: Iterator[Line]) -> None:
        self._source, self._pending = source, deque[Line]()
        self._consumed: list[Line] = []

    def __next__(self) -> str:
        line = self._pending.popleft() if self._pending else next(self._source)
        self._consumed.append(line)
        return line.content.decode(line.codec, "replace")

    def pop_consumed(self) -> list[Line]:
        """Returns the lines consumed since the last call."""
        consumed, self._consumed = self._consumed, []
        return consumed

    def push_back(self, unread: Sequence[Line]) -> None:
        """Puts lines back, to be read again."""
        self._pending.extendleft(reversed(unread))
