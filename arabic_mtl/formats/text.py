"""Plain text: a text per line, or texts between blank lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar, Literal

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import Format
from arabic_mtl.formats.facts import Guess
from arabic_mtl.formats.lines import Line, lines
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.record import Record

_LONGEST = 2**24  # bytes of a document: bounds the memory that any file takes
_CERTAINTY = 0.1  # any file is lines of text, also one of another format


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text.

    Args:
        lines: The lines, with their line ends.
        size: The number of their bytes. The lines of a text that is too long are left out.
    """

    lines: list[Line]
    size: int

    @property
    def line(self) -> int:
        """Returns the number of the first line, from 1."""
        return self.lines[0].line

    def text(self) -> str:
        """Returns the decoded lines, with the line ends between them.

        Raises:
            InputError: If the text is too long, or a line has bytes of another encoding.
        """
        if self.size > _LONGEST:
            raise InputError(
                f"a document must have at most {_LONGEST:,} bytes",
                found=f"{self.size:,} bytes without a blank line",
                expected="blank lines between documents; or `unit: line`",
            )
        texts = [line.text() for line in self.lines]
        ends = [_line_end(line) for line in self.lines[:-1]]
        return "".join(text + end for text, end in zip(texts, [*ends, ""], strict=True))


@dataclass(frozen=True, kw_only=True)
class Text(Format[Lines]):
    """Plain text without labels.

    Args:
        unit: The text of an example: a ``line``, of which an empty one is an empty text; or a
            ``document``: the lines between blank lines, with the line ends between them.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".txt",)

    unit: Literal["line", "document"] = "line"

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Lines]:
        """Yields the lines or documents of the file."""
        if self.unit == "document":
            return _documents(lines(file, self.encoding), notices)
        return (Lines([line], 0) for line in lines(file, self.encoding))

    def records(self, part: Lines, notices: Notices, *, gold: bool) -> list[Record]:
        """Reads a text.

        Raises:
            InputError: If the text has bytes of another encoding, or is too long.
        """
        text = part.text()
        example = Example(id=f"line:{part.line}", text=text, line=part.line)
        return [Record(example=example, line=part.line, fields={"text": text})]

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        """Returns an uncertain guess for names that end in ``.txt``."""
        if not name.lower().endswith(cls.suffixes):
            return None
        doubt = "each line is a text; with `unit: document` blank lines are between texts"
        return Guess({}, _CERTAINTY, [doubt] if _has_paragraphs(head) else [])


def _documents(source: Iterator[Line], notices: Notices) -> Iterator[Lines]:
    """Yields the runs of lines that are not blank."""
    document, size = list[Line](), 0
    for line in source:
        blank = line.content.strip(b" \t\r\n") == b""
        if blank and line.content.strip(b"\r\n"):
            notices.count("blank line of spaces", line.line)
        if not blank:
            size += len(line.content)
            if size <= _LONGEST or not document:
                document.append(line)
        elif document:
            yield Lines(document, size)
            document, size = [], 0
    if document:
        yield Lines(document, size)


def _line_end(line: Line) -> str:
    """Returns the characters at the end of a line that `Line.text` removes."""
    return "\r\n" if line.content.endswith(b"\r\n") else "\n"


def _has_paragraphs(head: bytes) -> bool:
    """Returns True if there are blank lines between lines of text."""
    return any(not line.strip() for line in head.strip().splitlines())
