"""Counts of correct, predicted and gold items of each label."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable
from statistics import fmean
from typing import Any

from arabic_mtl.scoring.overlap import Overlap


class LabelCounts(ABC):
    """The numbers of correct, predicted and gold items of each label, summed over texts.

    Scores are in 0..1. A score whose denominator is 0 is 0.
    """

    def __init__(self) -> None:
        self.texts = 0
        self._correct, self._predicted, self._gold = (Counter[str]() for _ in range(3))

    @abstractmethod
    def add(self, predicted: Iterable[Any], gold: Iterable[Any]) -> None:
        """Adds the predicted and the gold items of one text; equal items count once."""

    @abstractmethod
    def scores(self) -> dict[str, float]:
        """Returns name to score, over all labels."""

    def _count(
        self, *, correct: Iterable[str], predicted: Iterable[str], gold: Iterable[str]
    ) -> None:
        """Adds the labels of one text's items.

        Args:
            correct: The label of each item that is both predicted and gold.
            predicted: The label of each predicted item.
            gold: The label of each gold item.
        """
        self.texts += 1
        self._correct.update(correct)
        self._predicted.update(predicted)
        self._gold.update(gold)

    @property
    def labels(self) -> dict[str, Overlap]:
        """Returns label to counts, sorted, for each label that is gold or predicted."""
        return {
            label: Overlap(self._correct[label], self._predicted[label], self._gold[label])
            for label in sorted({*self._predicted, *self._gold})
        }

    @property
    def total(self) -> Overlap:
        """Returns the counts of all labels, whose scores are micro-averages."""
        return Overlap(self._correct.total(), self._predicted.total(), self._gold.total())

    def macro_scores(self, chosen: Collection[str] | None = None) -> dict[str, float]:
        """Returns the means of precision, recall and F1 over `labels`; 0 without labels.

        Args:
            chosen: The labels that count; by default all of them.
        """
        rows = [
            counts.scores()
            for label, counts in self.labels.items()
            if chosen is None or label in chosen
        ]
        names = Overlap().scores()
        return {name: fmean(row[name] for row in rows) if rows else 0.0 for name in names}
