"""Precision, recall and F1 from counts."""

from dataclasses import dataclass
from typing import Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Overlap:
    """Counts of correct, predicted and gold items; the counts of several texts add up.

    Scores are in 0..1. A score whose denominator is 0 is 0.

    >>> first, second = Overlap(correct=1, predicted=2, gold=1), Overlap(gold=1)
    >>> (first + second).scores()
    {'precision': 0.5, 'recall': 0.5, 'f1': 0.5}

    Args:
        correct: The number of items that are both predicted and gold.
        predicted: The number of predicted items.
        gold: The number of gold items.
    """

    correct: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.correct + other.correct, self.predicted + other.predicted, self.gold + other.gold
        )

    @property
    def precision(self) -> float:
        """Returns the share of the predicted items that are correct."""
        return self.correct / max(self.predicted, 1)

    @property
    def recall(self) -> float:
        """Returns the share of the gold items that are predicted."""
        return self.correct / max(self.gold, 1)

    @property
    def f1(self) -> float:
        """Returns the harmonic mean of precision and recall."""
        return 2 * self.correct / max(self.predicted + self.gold, 1)

    def scores(self) -> dict[str, float]:
        """Returns precision, recall and F1 by name."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}


def overlap(predicted: set[T], gold: set[T]) -> Overlap:
    """Counts the items that two sets share."""
    return Overlap(len(predicted & gold), len(predicted), len(gold))
