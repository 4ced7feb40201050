"""Counts of the oddities in files that a format tolerates."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Notice:
    """An oddity that was tolerated.

    Args:
        rule: A short sentence about each of its occurrences.
        number: The number of occurrences.
        line: The line of the first one, from 1; None if it is not known.
        file: The file of the first one; None for a pipe.
    """

    rule: str
    number: int
    line: int | None
    file: Path | None


class Notices:
    """The oddities of one file or of several, by rule.

    >>> notices = Notices(Path("a.txt"))
    >>> for line in (3, 7):
    ...     notices.count("a line is blank", line)
    >>> [(notice.number, notice.line) for notice in notices]
    [(2, 3)]

    Args:
        file: The file that is read.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self._by_rule: dict[str, Notice] = {}

    def count(self, rule: str, line: int | None = None) -> None:
        """Counts an occurrence."""
        self._add(Notice(rule, 1, line, self.file))

    def add(self, others: "Notices") -> None:
        """Adds those of another file, read after this one."""
        for notice in others:
            self._add(notice)

    def __iter__(self) -> Iterator[Notice]:
        """Yields one notice per rule, in the order of their first occurrences."""
        return iter(self._by_rule.values())

    def _add(self, notice: Notice) -> None:
        known = self._by_rule.get(notice.rule)
        total = notice.number + (known.number if known else 0)
        self._by_rule[notice.rule] = replace(known or notice, number=total)
