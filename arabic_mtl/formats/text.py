"""Plain text: a text per line."""

from collections.abc import Iterator
from typing import BinaryIO

from arabic_mtl.formats.base import Reader
from arabic_mtl.formats.lines import Line, lines
from arabic_mtl.formats.record import Record


class PlainText(Reader[Line]):
    """A text per line; an empty line is an empty text."""

    def parts(self, file: BinaryIO) -> Iterator[Line]:
        """The lines."""
        return lines(file)

    def record(self, part: Line) -> Record:
        """The line is the text."""
        text = part.text()
        return Record(text=text, fields={"text": text})
