"""Plain text: one text per line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

from arabic_mtl.documents import Example
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.lines import Line, lines
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record


@dataclass(frozen=True, kw_only=True)
class Text(Format[Line]):
    """Plain text with one text per line; an empty line is an empty text."""

    suffixes: ClassVar[tuple[str, ...]] = (".txt",)

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Line]:
        """Yields the lines of the file."""
        return lines(file, self.encoding)

    def records(self, part: Line, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads a line, which is one text.

        Raises:
            InputError: If the line is not UTF-8, or too long.
        """
        text = part.text()
        example = Example(id=f"line:{part.line}", text=text, line=part.line)
        return [Record(example=example, line=part.line, fields={"text": text})]
