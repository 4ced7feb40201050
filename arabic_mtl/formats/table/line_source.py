"""The lines of a table as input of a csv reader, which can be put back."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

from arabic_mtl.formats.encodings import WIDE
from arabic_mtl.formats.lines import Line, require_line_ends
from arabic_mtl.formats.notices import CRLF, MARK, NO_END, Notices


class LineSource(Iterator[str]):
    """The decoded lines of a file.

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
            require_line_ends(line.content.decode(line.codec, "replace"))
            self.has_mark = bool(line.offset) or (line.encoding in WIDE) > (self._encoding in WIDE)
        self._last = line
        return line
