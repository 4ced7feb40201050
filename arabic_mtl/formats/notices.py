"""Counts of the irregularities in files that a format tolerates."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

MARK, CRLF, NO_END = "byte order mark", "line with CR LF end", "last line without line end"
"""The rules of notices about the lines of any text file."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A tolerated irregularity, and how often it occurred.

    Args:
        rule: A noun phrase for one occurrence, such as "label trimmed of blanks".
        number: The number of occurrences.
        line: The line number of the first occurrence, from 1; None if unknown.
        file: The file of the first occurrence; None for a pipe.
    """

    rule: str
    number: int
    line: int | None
    file: Path | None

    def __str__(self) -> str:
        """Returns the number, the rule and the first line, to be read by people."""
        line = "" if self.line is None else f"; first in line {self.line}"
        return f"{self.number:,} × {self.rule}{line}"


class Notices:
    """The tolerated irregularities of one or several files, counted by rule.

    >>> notices = Notices(Path("a.txt"))
    >>> for line in (3, 7):
    ...     notices.count("a line is blank", line)
    >>> [(notice.number, notice.line) for notice in notices]
    [(2, 3)]

    Args:
        file: The file that is being read; None for a pipe.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self._by_rule: dict[str, Notice] = {}

    def count(self, rule: str, line: int | None = None, number: int = 1) -> None:
        """Counts one occurrence of an irregularity, or several.

        Args:
            rule: A short description of the irregularity.
            line: The line number of the first of them, from 1; None if unknown.
            number: The number of occurrences.
        """
        self._add(Notice(rule, number, line, self.file))

    def add(self, others: "Notices") -> None:
        """Adds the notices of another file, which was read after this one."""
        for notice in others:
            self._add(notice)

    def __iter__(self) -> Iterator[Notice]:
        """Yields one notice per rule, ordered by first occurrence."""
        return iter(self._by_rule.values())

    def _add(self, notice: Notice) -> None:
        known = self._by_rule.get(notice.rule)
        total = notice.number + (known.number if known else 0)
        self._by_rule[notice.rule] = replace(known or notice, number=total)
