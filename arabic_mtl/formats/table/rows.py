"""The rows of CSV and TSV files, read so that a broken row does not affect the other rows."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from arabic_mtl.errors import InputError
from arabic_mtl.formats.lines import Line, lines
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.table.dialect import (
    LONGEST,
    Dialect,
    row_hints,
    swallowed_rows,
    unreadable_row,
    wrong_width,
)
from arabic_mtl.formats.table.header import Header, column_names
from arabic_mtl.formats.table.line_source import LineSource

Cell = str | Sequence[str] | None
"""A cell; a Parquet file may also have lists of labels, or no value."""

BLANK = "blank line"
"""The rule of the notice about blank lines."""

_AHEAD = 100  # lines that are tried with another quoting for an error


@dataclass(slots=True)
class Row:
    """A row of a table; it spans several lines if one of its cells does.

    Args:
        line: The number of the first line or, in other files than text, of the row.
        content: One cell per column, or the error of a row that cannot be read.
        faults: Index of a column to what its cell contains instead of a text.
    """

    line: int
    content: Sequence[Cell] | InputError
    faults: Mapping[int, str] | None = None

    def cells(self) -> Sequence[Cell]:
        """Returns the cells; raises `InputError` if the row cannot be read."""
        if isinstance(self.content, InputError):
            raise self.content.locate(None, self.line)
        return self.content


class RowReader(Protocol):
    """The rows of a table in a file, the row with the column names included."""

    @property
    def names(self) -> Sequence[str]:
        """Returns the names of the columns; none before the first row of a text file."""

    @property
    def dialect(self) -> Dialect | None:
        """Returns the way in which cells are written; None if the file is no text."""

    @property
    def mark(self) -> str:
        """Returns the byte order mark of the file, which tables for Excel have, or ``""``."""

    @property
    def has_header(self) -> bool:
        """Returns True if the first row has the column names."""

    def __iter__(self) -> Iterator[Row]:
        """Yields the rows, the one with the column names included."""


class TextRows:
    """The rows of a text file, without blank lines.

    A broken row consumes only its first line: otherwise a quote that is never closed would
    consume the rest of the file.

    Args:
        file: The file.
        dialect: The delimiter, and whether cells can be quoted.
        encoding: The encoding.
        header: The option ``header`` of `arabic_mtl.formats.Table`.
        notices: The counts of irregularities, to which lines are added.
    """

    def __init__(
        self, file: BinaryIO, dialect: Dialect, encoding: str, header: Header, notices: Notices
    ) -> None:
        self.names: Sequence[str] = ()
        self.dialect, self.has_header = dialect, header is True
        self._header, self._notices = header, notices
        self._problem = ""
        self._source = LineSource(lines(file, encoding), encoding)

    @property
    def mark(self) -> str:
        """Returns the byte order mark of the file, which tables for Excel have, or ``""``."""
        return "\ufeff" if self._source.has_mark else ""

    def __iter__(self) -> Iterator[Row]:
        """Yields the rows."""
        source = self._source
        for content in self._quoted() if self.dialect.is_quoted else self._raw():
            consumed = source.pop_consumed()
            line = consumed[0].line
            if len(content) == len(self.names) > 1 == len(consumed) and not source.is_damaged:
                yield Row(line, content)  # as nearly all rows are
            elif not self._is_blank(content):
                yield Row(line, self._checked(content, consumed))
            else:
                self._notices.count(BLANK, line)
        source.count(self._notices)

    def _quoted(self) -> Iterator[list[str]]:
        """Yields the cells of each row; none for one that cannot be read, with `self._problem`."""
        csv.field_size_limit(LONGEST)
        reader = csv.reader(self._source, delimiter=self.dialect.delimiter, strict=True)
        while True:
            self._problem = ""
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._problem = str(error)
                yield []

    def _raw(self) -> Iterator[list[str]]:
        """Yields the cells of each line; quotes are characters of the cells."""
        delimiter = self.dialect.delimiter
        for text in self._source:
            yield text.removesuffix("\n").removesuffix("\r").split(delimiter)

    def _is_blank(self, cells: list[str]) -> bool:
        """Returns True for a line of blanks, which is an empty cell if there is one column."""
        if len(self.names) == 1 or self._problem or len(cells) > 1:
            return False
        return not cells or not cells[0].strip(" \t\r")

    def _checked(self, cells: list[str], consumed: list[Line]) -> list[str] | InputError:
        """Returns the cells, or the error if they cannot be read or do not fit the columns."""
        source = self._source
        if not self.names and (isinstance(self._header, list) or not self._problem):
            self.names = column_names(self._header, cells)
        error = self._error(cells, consumed)
        if error is not None:
            source.push_back(consumed[1:])
            del consumed[1:]
        if source.is_damaged:
            source.is_damaged = False
            error = _line_error(consumed) or error
        return error or cells or [""]

    def _error(self, cells: list[str], consumed: list[Line]) -> InputError | None:
        """Returns the error of a row whose cells do not fit the columns; None if they do."""
        if self._problem:
            return unreadable_row(self._problem, *self._hints(consumed[:1]))
        if (len(cells) or 1) != len(self.names):
            is_raw = not self.dialect.is_quoted and '"' in "".join(cells)
            ahead = self._source.ahead(_AHEAD) if is_raw else []
            return wrong_width(cells, self.names, self._hints([*consumed[:1], *ahead])[1])
        if len(consumed) > 1 and swallowed_rows(cells, self.dialect):
            return unreadable_row("a cell with whole rows", *self._hints(consumed))
        return None

    def _hints(self, consumed: Sequence[Line]) -> tuple[list[str], list[str]]:
        """Returns the texts of lines, and the options with which they could be a row."""
        texts = [line.content.decode(line.codec, "replace") for line in consumed]
        return texts, row_hints(texts, self.dialect, self.names)


def _line_error(consumed: Sequence[Line]) -> InputError | None:
    """Returns the error of the first line that cannot be decoded, or is too long."""
    try:
        for line in consumed:
            line.text()
    except InputError as error:
        return error
    return None
