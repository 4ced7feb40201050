"""Scores of the labels of whole texts: one label per text, or several."""

from collections.abc import Iterable

from arabic_mtl.scoring.counts import LabelCounts


class TextLabelCounts(LabelCounts):
    """The counts of the labels of one layer.

    A text has a single label as long as each one has exactly one gold label, and at most one
    predicted label. A text without a predicted label counts as wrong.

    >>> counts = TextLabelCounts()
    >>> counts.add(["good"], ["good"])
    >>> counts.add([], ["bad"])
    >>> counts.scores()
    {'accuracy': 0.5, 'macro_f1': 0.5}
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_single = True

    def add(self, predicted: Iterable[str], gold: Iterable[str]) -> None:
        """Adds the predicted and the gold labels of one text; equal labels count once."""
        predicted, gold = set(predicted), set(gold)
        self._count(correct=predicted & gold, predicted=predicted, gold=gold)
        self.is_single = self.is_single and len(gold) == 1 and len(predicted) <= 1

    def scores(self) -> dict[str, float]:
        """Returns the scores of single labels, or of several labels per text.

        Returns:
            Of single labels ``accuracy`` and ``macro_f1``. Of several labels the micro-averages
            ``precision``, ``recall`` and ``micro_f1``, and ``macro_f1``.
        """
        macro, total = self.macro_scores()["f1"], self.total
        if self.is_single:
            return {"accuracy": total.recall, "macro_f1": macro}
        averages = {"precision": total.precision, "recall": total.recall, "micro_f1": total.f1}
        return {**averages, "macro_f1": macro}
