"""Checks of all offsets of a file: whether they fit their texts, and in which units."""

from collections import Counter

from arabic_mtl.errors import InputError
from arabic_mtl.formats.records.json_values import quoted
from arabic_mtl.formats.records.units import UNITS, Offsets, Unit

_MOST_SHOWN = 10  # spans that an error names


class FileOffsets:
    """The offsets of a file's spans, in the unit of the file or in code points.

    A single error about all spans is raised at the end of the file, since only then it is known
    whether another unit fits.

    Args:
        unit: The unit in which the file counts; None if it was not set.
        at_once: True to raise the error about a span at once, without the other spans.
    """

    def __init__(self, unit: Unit | None, *, at_once: bool) -> None:
        self._is_set = unit is not None
        self._unit: Unit = unit or "characters"
        self._at_once = at_once
        self._number = 0
        self._fitting = set(UNITS)
        self._misfits: list[tuple[int, str]] = []
        self._differing: dict[Unit, tuple[int, str]] = {}
        self._cuts = Counter[Unit]()

    def locate(
        self, offsets: Offsets, start: int, end: int, words: str | None, line: int
    ) -> tuple[int, int] | None:
        """Returns offsets in code points; None if they do not fit, which is an error later.

        Args:
            offsets: The offsets of the text.
            start: The start of the span, in the unit of the file.
            end: The end of the span.
            words: The characters of the span in the file, if it has them.
            line: The line number of the span.

        Raises:
            InputError: If the span does not fit, and errors are raised at once.
        """
        possible = self._fitting | {self._unit}
        ranges = {unit: offsets.range(unit, start, end) for unit in possible}
        fitting = {unit for unit, place in ranges.items() if fits(place, words, offsets.text)}
        place = ranges[self._unit]
        if self._unit not in fitting:
            misfit = (line, _misfit(offsets, self._unit, (start, end), words))
            if self._at_once:
                raise _error([misfit], "other offsets, or another unit as `offsets`")
            self._misfits.append(misfit)
            place = None
        self._number += 1
        self._fitting &= fitting
        if "bytes" in self._fitting:
            self._cuts.update({unit: offsets.cuts(ranges[unit]) for unit in fitting})
        for unit in fitting:
            other = ranges[unit]
            if place and other and other != place and unit not in self._differing:
                found = f"[{start}, {end}] is {_at(offsets, place)} in {self._unit}, "
                self._differing[unit] = (line, f"{found}{_at(offsets, other)} in {unit}")
        return place

    def check(self) -> None:
        """Raises `InputError` if a span of the file does not fit, or the unit must be set."""
        if self._misfits:
            units = " or ".join(f"`offsets: {unit}`" for unit in UNITS if unit in self._fitting)
            hint = f"{units}, in which all {self._number} spans of the file fit"
            raise _error(
                self._misfits,
                hint if units else f"offsets in {self._unit}; no other unit fits the file either",
            )
        rivals = [unit for unit in UNITS if unit in self._fitting and unit in self._differing]
        if self._cuts["bytes"] >= self._cuts[self._unit] and "bytes" in rivals:
            rivals.remove("bytes")  # which differ in all Arabic texts
        if rivals and not self._is_set:
            line, found = self._differing[rivals[0]]
            raise InputError(
                "`offsets` must be set if offsets can be counted in several units",
                found=found,
                expected=f"`offsets: {self._unit}`, or {', '.join(rivals)}: what the tool counts; "
                "doccano: characters or graphemes, JavaScript: utf-16, Go and Rust: bytes",
                line=line,
            )


def same_words(words: str, other: str) -> bool:
    """Returns True if two strings are equal but for their blanks."""
    return words == other or words.split() == other.split()


def fits(place: tuple[int, int] | None, words: str | None, text: str) -> bool:
    """Returns True if a place is in a text, and has the words that a span has, if any."""
    return place is not None and (words is None or same_words(words, text[slice(*place)]))


def _at(offsets: Offsets, place: tuple[int, int]) -> str:
    return quoted(offsets.text[slice(*place)])


def _misfit(offsets: Offsets, unit: Unit, given: tuple[int, int], words: str | None) -> str:
    """Describes a span that does not fit its text."""
    place, shown = offsets.range(unit, *given), "" if words is None else f" {quoted(words)}"
    if place is None:
        size = f"{offsets.length(unit)} {unit}"
        return f"{[*given]}{shown} is not inside {quoted(offsets.text)} ({size})"
    return f"{[*given]} is {_at(offsets, place)}, not{shown}"


def _error(misfits: list[tuple[int, str]], expected: str) -> InputError:
    """Returns the error about all spans that do not fit."""
    shown = [f"{found} (line {line})" for line, found in misfits[:_MOST_SHOWN]]
    more = len(misfits) - len(shown)
    return InputError(
        "the offsets of a span must enclose its words in the text",
        found="; ".join(shown) + (f"; and {more} more" if more else ""),
        expected=expected,
        line=misfits[0][0],
    )
