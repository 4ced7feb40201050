"""Plain text, and the lines of files that should be UTF-8."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record

_LONGEST = 2**24  # bytes of a line: memory stays flat, whatever the file is


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands in a file.

    Args:
        line: Its number, from 1.
        offset: The position of its first byte.
        content: Its bytes, with their end; cut off if there are too many.
    """

    line: int
    offset: int
    content: bytes

    def text(self) -> str:
        """Returns its characters, without its end.

        Raises:
            InputError: If it is no UTF-8, or far too long.
        """
        if len(self.content) > _LONGEST:
            raise InputError(
                "a line is read as a whole, and so has its limits",
                found=f"more than {_LONGEST:,} bytes",
                expected="texts in lines",
                line=self.line,
            )
        try:
            return self.content.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            byte = self.content[error.start]
            raise InputError(
                "the file is UTF-8",
                found=f"byte 0x{byte:02x} at position {self.offset + error.start:,} of the file",
                expected="UTF-8; of other encodings, `iconv -f windows-1256 -t UTF-8` makes it",
                line=self.line,
            ) from None


def lines(file: BinaryIO) -> Iterator[Line]:
    """Streams the lines of a file, without a byte order mark."""
    number, offset = 1, 0
    while content := file.readline(_LONGEST + 1):
        read = len(content)
        while not content.endswith(b"\n") and (rest := file.readline(_LONGEST)):
            read += len(rest)
            if rest.endswith(b"\n"):
                break
        mark = len(BOM_UTF8) if not offset and content.startswith(BOM_UTF8) else 0
        yield Line(number, offset + mark, content[mark:])
        number, offset = number + 1, offset + read


def unlabelled(text: str, line: int) -> Example:
    """Returns a text of a file whose texts have no names and no annotations."""
    name = f"line:{line}"
    return Example(id=name, group=name, text=text, line=line)


class PlainText(Format[Line]):
    """A text per line; an empty line is an empty text."""

    suffixes: ClassVar[tuple[str, ...]] = (".txt",)

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Line]:
        """Yields the lines."""
        return lines(file)

    def records(self, part: Line, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads a line, which is a text.

        Raises:
            InputError: If it is no UTF-8, or far too long.
        """
        text = part.text()
        example = unlabelled(text, part.line)
        return [Record(example=example, line=part.line, fields={"text": text})]
