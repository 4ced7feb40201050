"""The lines of text files, decoded one by one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from typing import BinaryIO

from arabic_mtl.errors import InputError
from arabic_mtl.formats.encodings import UNDECODABLE, WIDE, looks_wide, split_mark, undecodable
from arabic_mtl.formats.unread import Unread

_LONGEST = 2**24  # bytes of a line: bounds the memory that any file takes


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, not decoded yet.

    Args:
        line: The line number, from 1.
        offset: The position of the first byte in the file.
        content: The bytes, line end included; truncated if the line is too long.
        encoding: The encoding of the file. Lines of UTF-16 files are converted to UTF-8.
    """

    line: int
    offset: int
    content: bytes
    encoding: str = "utf-8"

    @property
    def codec(self) -> str:
        """Returns the encoding of `content`."""
        return "utf-8" if self.encoding in WIDE else self.encoding

    def text(self) -> str:
        """Returns the decoded line, without its line end.

        Raises:
            InputError: If the bytes do not have the encoding, or the line is too long.
        """
        if len(self.content) > _LONGEST:
            raise InputError(
                f"a line must have at most {_LONGEST:,} bytes",
                found=f"more than {_LONGEST:,} bytes",
                expected="a file with one text per line",
                line=self.line,
            )
        try:
            return self.content.decode(self.codec).removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            start = None if self.encoding in WIDE else error.start
            raise undecodable(
                self.content, self.encoding, line=self.line, start=start, offset=self.offset
            ) from None


def lines(file: BinaryIO, encoding: str = "utf-8") -> Iterator[Line]:
    """Streams the lines of a file, without a byte order mark.

    Lines end with LF or CR LF. Other characters that Unicode counts as line ends, such as
    U+2028, are part of their line.

    Args:
        file: The file, read once and only as far as lines are consumed.
        encoding: The encoding; a byte order mark of UTF-8 or UTF-16 takes precedence.

    Raises:
        InputError: If the file is UTF-16 without a byte order mark, and ``encoding`` is not.
    """
    first = file.readline(_LONGEST + 1)
    mark, encoding = split_mark(first, encoding)
    if encoding in WIDE:
        wide = TextIOWrapper(Unread(first[len(mark) :], file), encoding, UNDECODABLE, newline="\n")
        for line in _split(lambda size: wide.readline(size).encode(errors="surrogatepass"), b""):
            yield Line(line.line, line.offset, line.content, encoding)
        return
    for line in _split(file.readline, first):
        own = line.content.removeprefix(mark) if line.line == 1 else line.content
        position = line.offset + len(line.content) - len(own)
        if line.line <= 2 and looks_wide(own):
            raise undecodable(own, encoding, line=line.line, start=own.index(b"\0"))
        yield Line(line.line, position, own, encoding)


def require_line_ends(content: str) -> None:
    """Checks the first line of a file whose lines must be told apart.

    Args:
        content: The first line with its line end, if it has one.

    Raises:
        InputError: If all lines of the file seem to end with CR.
    """
    if "\n" not in content and "\r" in content.rstrip("\r"):
        raise InputError(
            "lines must end with LF or CR LF",
            found="CR only",
            expected="a file saved with the line ends of Unix or Windows",
            line=1,
        )


def _split(readline: Callable[[int], bytes], first: bytes) -> Iterator[Line]:
    """Yields the lines of a file; each too long line is truncated.

    Args:
        readline: Returns the next bytes of a line, of which there are at most as many.
        first: The bytes that have been read already; empty to begin with `readline`.
    """
    number, offset = 1, 0
    while content := first or readline(_LONGEST + 1):
        size, first = len(content), b""
        while not content.endswith(b"\n") and (rest := readline(_LONGEST)):
            size += len(rest)
            if rest.endswith(b"\n"):
                break
        yield Line(number, offset, content)
        number, offset = number + 1, offset + size
