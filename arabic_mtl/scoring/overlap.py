"""Precision, recall and F1 from counts."""

from dataclasses import dataclass
from typing import Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far what was found is what is right; overlaps of several texts add up.

    Scores are in 0..1, and 0 where there is nothing to divide by.

    >>> one, other = Overlap(correct=1, found=2, gold=1), Overlap(correct=0, found=0, gold=1)
    >>> (one + other).scores()
    {'precision': 0.5, 'recall': 0.5, 'f1': 0.5}

    Args:
        correct: How many are found and right.
        found: How many are found.
        gold: How many are right.
    """

    correct: int = 0
    found: int = 0
    gold: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.correct + other.correct, self.found + other.found, self.gold + other.gold
        )

    @property
    def precision(self) -> float:
        """The part of what is found that is right."""
        return self.correct / max(self.found, 1)

    @property
    def recall(self) -> float:
        """The part of what is right that is found."""
        return self.correct / max(self.gold, 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.correct / max(self.found + self.gold, 1)

    def scores(self) -> dict[str, float]:
        """All three by name."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}


def overlap(found: set[T], gold: set[T]) -> Overlap:
    """Compares two sets."""
    return Overlap(len(found & gold), len(found), len(gold))
