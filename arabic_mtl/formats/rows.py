"""Rows of tables, of which a broken one breaks no other."""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from arabic_mtl.errors import InputError
from arabic_mtl.formats.lines import Line, lines

_LONGEST = 2**22  # characters of a cell: all that is found in the longest text


@dataclass(frozen=True, slots=True)
class Row:
    """A row; it has several lines where a cell has.

    Args:
        lines: As they stand in the file.
        content: The text of its cells, or the error in them.
        names: The cells of the first row.
    """

    lines: Sequence[Line]
    content: Sequence[str] | csv.Error
    names: Sequence[str]

    @property
    def line(self) -> int:
        """The number of its first line."""
        return self.lines[0].line

    @property
    def mark(self) -> str:
        """The byte order mark, by which spreadsheets know UTF-8; empty if there is none."""
        return "\ufeff" if self.line == 1 and self.lines[0].offset else ""

    @property
    def is_head(self) -> bool:
        """True for the first row, which names the columns."""
        return self.content is self.names

    @property
    def is_broken(self) -> bool:
        """True if it does not have a cell for each name."""
        return isinstance(self.content, csv.Error) or len(self.content) != len(self.names)

    def cells(self) -> Sequence[str]:
        """Returns the text of its cells.

        Raises:
            InputError: If the row is broken, or no UTF-8.
        """
        for line in self.lines:
            line.text()
        if isinstance(self.content, csv.Error):
            raise InputError(
                "a cell with delimiters, quotes or line ends in it stands in quotes",
                found=self.content,
                expected=f'"one ""cell"", whole", of at most {_LONGEST:,} characters',
                line=self.line,
            )
        if self.is_broken:
            raise InputError(
                "each row of a table has a cell for each column",
                found=f"{len(self.content)} cells",
                expected=f"{len(self.names)}: {', '.join(self.names)}",
                line=self.line,
            )
        return self.content


def rows(file: BinaryIO, delimiter: str) -> Iterator[Row]:
    """Streams the rows of a table, without blank lines.

    Of a broken row only the first line is taken: a quote that nothing closes would take them all.
    """
    csv.field_size_limit(_LONGEST)
    source = _Source(lines(file))
    names: Sequence[str] = ()
    for content in _contents(csv.reader(source, delimiter=delimiter, strict=True)):
        taken = source.taken()
        if not names and isinstance(content, list):
            names = content
        if content or len(names) == 1:
            row = Row(taken, content or [""], names)  # a row of one empty cell is a blank line
            if row.is_broken:
                source.give_back(taken[1:])
                row = Row(taken[:1], content, names)
            yield row


def _contents(reader: Iterator[list[str]]) -> Iterator[list[str] | csv.Error]:
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield error


class _Source(Iterator[str]):
    """Lines for a csv reader, which knows nothing of bytes that are no UTF-8."""

    def __init__(self, source: Iterator[Line]) -> None:
        self._source, self._ahead = source, deque[Line]()
        self._taken: list[Line] = []

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else next(self._source)
        self._taken.append(line)
        return line.content.decode(errors="surrogateescape")

    def taken(self) -> list[Line]:
        """Returns the lines since the last call."""
        taken, self._taken = self._taken, []
        return taken

    def give_back(self, some: Sequence[Line]) -> None:
        """Gives lines back, to be read again."""
        self._ahead.extendleft(reversed(some))
