"""Units of offsets: code points, UTF-16 code units, grapheme clusters, and bytes of UTF-8."""

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

import regex

Unit = Literal["characters", "utf-16", "graphemes", "bytes"]
"""The unit in which a tool counts: code points, as Python does; or what others count."""

UNITS: tuple[Unit, ...] = ("characters", "utf-16", "graphemes", "bytes")

_INSIDE = -1  # of an offset that is not between two code points
_GRAPHEME = regex.compile(r"\X")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_PLAIN = re.compile(
    "[\n -~\u00a0-\u00ac\u00ae-\u02ff\u060c-\u060f\u061b\u061f-\u064a\u0660-\u066f]*"
)


class Offsets:
    """The offsets of one text in all units.

    >>> offsets = Offsets("😍 a")
    >>> offsets.range("utf-16", 3, 4), offsets.range("characters", 3, 4)
    ((2, 3), None)

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tables: dict[Unit, Sequence[int]] = {}

    def range(self, unit: Unit, start: int, end: int) -> tuple[int, int] | None:
        """Returns offsets of a unit in code points; None if the text does not have them."""
        table = self._table(unit)
        if not (0 <= start < len(table) and 0 <= end < len(table)):
            return None
        points = table[start], table[end]
        return None if _INSIDE in points else points

    def cuts(self, place: tuple[int, int] | None) -> int:
        """Returns how many ends of a span are inside a word.

        Args:
            place: The offsets of the span in code points; None if the text does not have them.
        """
        text = self.text
        return sum(
            0 < offset < len(text) and text[offset - 1].isalnum() and text[offset].isalnum()
            for offset in place or ()
        )

    def length(self, unit: Unit) -> int:
        """Returns the length of the text in a unit."""
        return len(self._table(unit)) - 1

    def _table(self, unit: Unit) -> Sequence[int]:
        """Returns the offset in code points of each offset in a unit."""
        if unit not in self._tables:
            self._tables[unit] = _TABLES[unit](self.text)
        return self._tables[unit]


def _characters(text: str) -> Sequence[int]:
    """Returns the offset in code points of each offset in code points."""
    return range(len(text) + 1)


def _utf16(text: str) -> Sequence[int]:
    """Returns the offset in code points of each offset in UTF-16 code units."""
    table, end = list[int](), 0
    for match in _ASTRAL.finditer(text):
        table += range(end, match.end())
        table.append(_INSIDE)
        end = match.end()
    return [*table, *range(end, len(text) + 1)] if table else _characters(text)


def _graphemes(text: str) -> Sequence[int]:
    """Returns the offset in code points of each offset in grapheme clusters."""
    if _PLAIN.fullmatch(text):  # saves most of the time
        return _characters(text)
    return [*accumulate(map(len, _GRAPHEME.findall(text)), initial=0)]


def _bytes(text: str) -> Sequence[int]:
    """Returns the offset in code points of each offset in bytes of UTF-8."""
    if text.isascii():
        return _characters(text)
    table = list[int]()
    for index, char in enumerate(text):
        table.append(index)
        table += [_INSIDE] * (len(char.encode(errors="surrogatepass")) - 1)
    return [*table, len(text)]


_TABLES = {
    "characters": _characters,
    "utf-16": _utf16,
    "graphemes": _graphemes,
    "bytes": _bytes,
}
