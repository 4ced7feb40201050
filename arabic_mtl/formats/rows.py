"""The rows of CSV and TSV files, read so that a broken row does not affect the other rows."""

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Protocol

from arabic_mtl.errors import InputError
from arabic_mtl.formats.encodings import WIDE
from arabic_mtl.formats.lines import Line, lines
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.table_header import Header, column_names
from arabic_mtl.formats.table_hints import (
    LONGEST,
    Dialect,
    row_hints,
    swallowed_rows,
    unreadable_row,
    wrong_width,
)

Cell = str | Sequence[str] | None
"""A cell; a Parquet file may also have lists of labels, or no value."""

MARK, CRLF, NO_END = "byte order mark", "line with CR LF end", "last line without line end"
BLANK = "blank line"
"""The rules of notices about lines."""

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


class Rows(Protocol):
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
        self._source = _Source(lines(file, encoding), encoding)

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
        if not self.names and not self._problem:
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


class _Source(Iterator[str]):
    """The decoded lines of a file, as input of a csv reader.

    Args:
        source: The lines.
        encoding: The encoding that the file is expected in.
    """

    def __init__(self, source: Iterator[Line], encoding: str) -> None:
        self.has_mark = self.is_damaged = False
        self._source, self._pending = source, deque[Line]()
        self._consumed: list[Line] = []
        self._returns = self._first_return = 0
        self._encoding = encoding
        self._last: Line | None = None

    def __next__(self) -> str:
        line = self._pending.popleft() if self._pending else self._read()
        self._consumed.append(line)
        if line.content[-1:] != b"\n":
            self.is_damaged = True  # it may be truncated
        try:
            return line.content.decode(line.codec)
        except UnicodeDecodeError:
            self.is_damaged = True
            return line.content.decode(line.codec, "replace")

    def pop_consumed(self) -> list[Line]:
        """Returns the lines consumed since the last call."""
        consumed, self._consumed = self._consumed, []
        return consumed

    def push_back(self, unread: Sequence[Line]) -> None:
        """Puts lines back, to be read again."""
        self._pending.extendleft(reversed(unread))

    def ahead(self, number: int) -> list[Line]:
        """Returns the next lines, which stay unread."""
        while len(self._pending) < number and (line := next(self._source, None)):
            self._pending.append(self._counted(line))
        return list(islice(self._pending, number))

    def count(self, notices: Notices) -> None:
        """Counts the irregularities of all lines."""
        if self.has_mark:
            notices.count(MARK, 1)
        if self._returns:
            notices.count(CRLF, self._first_return, self._returns)
        if self._last is not None and not self._last.content.endswith(b"\n"):
            notices.count(NO_END, self._last.line)

    def _read(self) -> Line:
        return self._counted(next(self._source))

    def _counted(self, line: Line) -> Line:
        """Counts the irregularities of a line that is read for the first time."""
        if line.content[-2:] == b"\r\n":
            self._returns += 1
            self._first_return = self._first_return or line.line
        if line.line == 1:
            self.has_mark = bool(line.offset) or (line.encoding in WIDE) > (self._encoding in WIDE)
        self._last = line
        return line


def _line_error(consumed: Sequence[Line]) -> InputError | None:
    """Returns the error of the first line that cannot be decoded, or is too long."""
    try:
        for line in consumed:
            line.text()
    except InputError as error:
        return error
    return None
