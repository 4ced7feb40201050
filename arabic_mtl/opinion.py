"""What is said of a target or an aspect: the unit that SemEval's opinion tasks count."""

from dataclasses import dataclass, replace
from typing import Self

NULL = "NULL"
"""How the format writes the target of an opinion that names none."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is said of a target or an aspect.

    Args:
        target: The words that it is about, or `NULL`.
        category: The aspect, as E#A (entity and attribute).
        polarity: The sentiment; empty where a system does not tell.
        start: The target's first character in its text.
        end: One past its last; without a target in the text, ``start == end == 0``.
    """

    target: str
    category: str
    polarity: str
    start: int
    end: int

    @property
    def is_null(self) -> bool:
        """Whether no piece of the text is its target."""
        return self.start == self.end

    @property
    def entity(self) -> str:
        """The E of the category E#A."""
        return self.category.split("#")[0]

    def moved(self, by: int) -> Self:
        """The same opinion in a text that has so many characters more before it."""
        return replace(self, start=self.start + by, end=self.end + by)
