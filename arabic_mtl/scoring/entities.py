"""F1 of entities: labelled spans whose offsets and label must be exact (CoNLL-2003)."""

from collections.abc import Iterable

from arabic_mtl.documents import Span
from arabic_mtl.scoring.counts import LabelCounts


class EntityCounts(LabelCounts):
    """The counts of the spans of one layer.

    A predicted span is correct if a gold span has the same offsets and the same label. Equal
    spans of a text count once. Overlapping spans and NULL spans are items like all others.

    On spans that were read from BIO tags the scores equal those of seqeval in its default mode,
    if an ``I-`` tag that continues no span of its label opens one.

    >>> counts = EntityCounts()
    >>> counts.add([Span(0, 3, "LOC"), Span(4, 7, "PER")], [Span(0, 3, "LOC")])
    >>> counts.scores()["precision"]
    0.5
    """

    def add(self, predicted: Iterable[Span], gold: Iterable[Span]) -> None:
        """Adds the predicted and the gold spans of one text."""
        predicted, gold = set(predicted), set(gold)
        self._count(
            correct=(span.label for span in predicted & gold),
            predicted=(span.label for span in predicted),
            gold=(span.label for span in gold),
        )

    def scores(self) -> dict[str, float]:
        """Returns the micro-averages ``precision``, ``recall`` and ``f1``, and ``macro_f1``."""
        return {**self.total.scores(), "macro_f1": self.macro_scores()["f1"]}
