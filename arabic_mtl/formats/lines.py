"""Lines of UTF-8 files, and plain text: one text per line."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record

_LONGEST = 2**24  # bytes of a line: bounds the memory that any file takes


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, not decoded yet.

    Args:
        line: The line number, from 1.
        offset: The position of the first byte in the file.
        content: The bytes, line end included; truncated if the line is too long.
    """

    line: int
    offset: int
    content: bytes

    def text(self) -> str:
        """Returns the decoded line, without its line end.

        Raises:
            InputError: If the line is not UTF-8, or too long.
        """
        if len(self.content) > _LONGEST:
            raise InputError(
                f"a line must have at most {_LONGEST:,} bytes",
                found=f"more than {_LONGEST:,} bytes",
                expected="a file with one text per line",
                line=self.line,
            )
        try:
            return self.content.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            byte = self.content[error.start]
            raise InputError(
                "the file must be UTF-8",
                found=f"byte 0x{byte:02x} at position {self.offset + error.start:,} of the file",
                expected="UTF-8; convert other encodings with `iconv -f windows-1256 -t UTF-8`",
                line=self.line,
            ) from None


def lines(file: BinaryIO) -> Iterator[Line]:
    """Streams the lines of a file, without a byte order mark."""
    number, offset = 1, 0
    while content := file.readline(_LONGEST + 1):
        size = len(content)
        while not content.endswith(b"\n") and (rest := file.readline(_LONGEST)):
            size += len(rest)
            if rest.endswith(b"\n"):
                break
        bom = len(BOM_UTF8) if not offset and content.startswith(BOM_UTF8) else 0
        yield Line(number, offset + bom, content[bom:])
        number, offset = number + 1, offset + size


def unlabelled_example(text: str, line: int) -> Example:
    """Returns an example without annotations whose id is made from its line number."""
    name = f"line:{line}"
    return Example(id=name, group=name, text=text, line=line)


class PlainText(Format[Line]):
    """Plain text with one text per line; an empty line is an empty text."""

    suffixes: ClassVar[tuple[str, ...]] = (".txt",)

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Line]:
        """Yields the lines of the file."""
        return lines(file)

    def records(self, part: Line, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads a line, which is one text.

        Raises:
            InputError: If the line is not UTF-8, or too long.
        """
        text = part.text()
        example = unlabelled_example(text, part.line)
        return [Record(example=example, line=part.line, fields={"text": text})]
