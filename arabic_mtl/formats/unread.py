"""Files whose first bytes have been read already, to find out what they are."""

from io import BytesIO
from sys import maxsize
from typing import BinaryIO


class Unread(BytesIO):
    """A file that begins with bytes that have been read from it.

    Args:
        first: The bytes.
        file: The file, whose position is after them; it is not closed.
    """

    def __init__(self, first: bytes, file: BinaryIO) -> None:
        super().__init__()
        self._first, self._file = first, file

    def read(self, size: int | None = -1, /) -> bytes:
        """Returns at most ``size`` bytes, but some unless the file ends."""
        limit = maxsize if size is None or size < 0 else size
        first, self._first = self._first[:limit], self._first[limit:]
        return first or self._file.read(-1 if limit == maxsize else limit)

    read1 = read

    def readline(self, size: int | None = -1, /) -> bytes:
        """Returns the bytes up to a line end, but at most ``size``."""
        limit = maxsize if size is None or size < 0 else size
        end = self._first.find(b"\n", 0, limit) + 1
        if not end and len(self._first) < limit:
            first, self._first = self._first, b""
            return first + self._file.readline(limit - len(first))
        return self.read(end or limit)
