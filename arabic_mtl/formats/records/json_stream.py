"""The values of a JSON file, one by one: a value per line, or the elements of one array."""

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from arabic_mtl.errors import InputError
from arabic_mtl.formats.encodings import WIDE, split_mark, undecodable
from arabic_mtl.formats.lines import Line, lines
from arabic_mtl.formats.records.json_values import shown_error
from arabic_mtl.formats.unread import Unread

_BLANKS = " \t\r\n"
_PIECE = 64  # bytes read at once until the kind of file is clear
_LONGEST_HEAD = 4096  # bytes of blanks after which the file is read line by line
_CHUNK = 2**16  # bytes of an array read at once
_LONGEST = 2**24  # characters of an element: bounds the memory that any file takes
_ARRAY = f"one array of objects, each of at most {_LONGEST:,} characters"
_SHOWN = 1000  # bytes of an undecodable line from which its encoding is guessed

# Finds the end of a value; what JSON forbids is an error of the single value, raised later.
_SCANNER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)


@dataclass(frozen=True, slots=True)
class JsonText:
    """A JSON value of a file, not parsed yet.

    Args:
        line: The number of its first line, from 1.
        number: The number of values that begin on the same line before this one.
        content: The value as JSON, or its line.
    """

    line: int
    number: int
    content: str | Line

    def text(self) -> str:
        """Returns the value as JSON.

        Raises:
            InputError: If its line has bytes of another encoding, or is too long.
        """
        return self.content if isinstance(self.content, str) else self.content.text()


def json_texts(file: BinaryIO, encoding: str = "utf-8") -> Iterator[JsonText]:
    """Streams the values of a file with one value per line, or with one array.

    The file is an array if it begins with ``[``, unless a string follows: then each line is a
    pair such as ``["text", {}]``.

    Args:
        file: The file, read once and only as far as values are consumed.
        encoding: The encoding; a byte order mark of UTF-8 or UTF-16 takes precedence.

    Raises:
        InputError: If the file begins with an array that is not valid JSON.
    """
    head = b""
    while _is_array(head, encoding) is None and (piece := file.readline(_PIECE)):
        head += piece
    if _is_array(head, encoding):
        yield from _elements(_Window(_decoded(head, file, encoding)))
        return
    for line in lines(Unread(head, file), encoding):
        if line.content.strip():
            yield JsonText(line.line, 0, line)


def _is_array(head: bytes, encoding: str) -> bool | None:
    """Returns True if a file with these first bytes is an array; None if more are needed."""
    mark, codec = split_mark(head, encoding)
    start = head.removeprefix(mark).decode(codec, "ignore").lstrip(_BLANKS)
    following = start[1:].lstrip(_BLANKS)
    if len(head) > _LONGEST_HEAD or "\0" in start or (start and start[0] != "["):
        return False
    return following[0] != '"' if following else None


def _decoded(head: bytes, file: BinaryIO, encoding: str) -> Iterator[str]:
    """Yields the characters of a file in chunks."""
    mark, codec = split_mark(head, encoding)
    decoder = codecs.getincrementaldecoder(codec)()
    chunk, line, offset = head[len(mark) :], 1, len(mark)
    while True:
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            offset -= len(error.object) - len(chunk)  # the decoder has kept some bytes
            raise _undecodable(error, codec, line, offset) from None
        yield text
        line, offset = line + text.count("\n"), offset + len(chunk)
        if not chunk:
            return
        chunk = file.read(_CHUNK)


def _undecodable(error: UnicodeDecodeError, codec: str, line: int, offset: int) -> InputError:
    """Returns the error for bytes of an array that do not have the encoding of their file."""
    content, start = error.object, error.start
    line += content[:start].decode(codec, "ignore").count("\n")
    first = max(content.rfind(b"\n", 0, start) + 1, start - _SHOWN)
    last = content.find(b"\n", start) + 1 or len(content)
    shown = content[first : min(last, start + _SHOWN)]
    index = None if codec in WIDE else start - first
    return undecodable(shown, codec, line=line, start=index, offset=offset + first)


class _Window:
    """The characters of an array that have been read but not consumed.

    Args:
        chunks: The characters of the file.
    """

    def __init__(self, chunks: Iterator[str]) -> None:
        self.text, self.start, self.line = "", 0, 1
        self._chunks = chunks

    def more(self) -> bool:
        """Reads as many characters as there are, which keeps the time linear; False at the end."""
        self.text, self.start = self.text[self.start :], 0
        chunks, size = [self.text], 0
        for chunk in self._chunks:
            chunks.append(chunk)
            size += len(chunk)
            if size and size >= len(self.text):
                break
        self.text = "".join(chunks)
        return size > 0

    def skip(self, end: int) -> str:
        """Consumes the characters before an index, and returns them."""
        skipped, self.start = self.text[self.start : end], end
        self.line += skipped.count("\n")
        return skipped

    def peek(self) -> str:
        """Returns the next character that is not a blank, or nothing at the end of the file."""
        while True:
            end = self.start
            while end < len(self.text) and self.text[end] in _BLANKS:
                end += 1
            self.skip(end)
            if end < len(self.text) or not self.more():
                return self.text[self.start : self.start + 1]

    def take(self, allowed: str, expected: str) -> str:
        """Consumes the next character and returns it; raises if it is not an allowed one."""
        char = self.peek()
        if not char or char not in allowed:
            found = f"{char} after the value" if char else "the end of the file"
            raise _array_error(found, self.line, expected)
        return self.skip(self.start + 1)

    def value(self) -> str:
        """Consumes the next JSON value and returns it."""
        end = self._value_end()
        while end is None or end == len(self.text):  # the value may go on
            if len(self.text) - self.start > _LONGEST or not self.more():
                break
            end = self._value_end()
        if end is None:
            raise self._syntax_error()
        return self.skip(end)

    def _value_end(self) -> int | None:
        """Returns the index after the next value; None if it is not complete, or not valid."""
        try:
            return _SCANNER.raw_decode(self.text, self.start)[1]
        except json.JSONDecodeError:
            return None
        except RecursionError as error:
            raise _array_error(shown_error(error, ""), self.line) from None

    def _syntax_error(self) -> InputError:
        """Returns the error for the next value, which is not valid JSON."""
        try:
            _SCANNER.raw_decode(self.text, self.start)
        except json.JSONDecodeError as error:
            line = self.line + self.text.count("\n", self.start, error.pos)
            first = max(self.text.rfind("\n", 0, error.pos) + 1, error.pos - 30, self.start)
            return _array_error(f"{error.msg}: {self.text[first : error.pos + 30]}", line)
        raise AssertionError("the value is valid")


def _elements(window: _Window) -> Iterator[JsonText]:
    """Yields the elements of an array."""
    window.take("[", "[")
    is_empty, last_line, number = window.peek() == "]", 0, 0
    separator = window.skip(window.start + 1) if is_empty else ","
    while separator == ",":
        window.peek()
        number = number + 1 if window.line == last_line else 0
        last_line = window.line
        yield JsonText(last_line, number, window.value())
        separator = window.take(",]", "a comma, or ] at the end")
    if window.peek():
        raise _array_error("something after the array", window.line, "one array, and nothing else")


def _array_error(found: str, line: int, expected: str = _ARRAY) -> InputError:
    return InputError(
        "a file that begins with [ must be one valid JSON array",
        found=" ".join(found.split()),
        expected=expected,
        line=line,
    )
