"""Exact-match F1 over sets of spans."""

from torch import Tensor

from arabic_mtl.metrics.sets import SetMetric
from arabic_mtl.scoring import overlap


class SpanF1(SetMetric):
    """Micro-averaged F1 of predicted spans that equal a gold span to the character.

    With labels it is the CoNLL-2003 entity F1 on raw offsets; without, slot 2 of SemEval-2016
    Task 5. Spans are sets: a span given twice counts once.

    Args:
        labelled: Whether the labels must be equal, too.
    """

    def __init__(self, *, labelled: bool) -> None:
        super().__init__()
        self.columns = 4 if labelled else 3

    def update(self, found: Tensor, truth: Tensor) -> None:
        """Compares spans given as rows ``(text, start, end, label)``.

        Args:
            found: The predicted spans (spans, 4).
            truth: The gold spans (spans, 4).
        """
        self.add(overlap(self._set(found), self._set(truth)))

    def compute(self) -> Tensor:
        """F1 in 0..1; 0 where nothing was predicted and nothing is gold."""
        return self.score(self.total().f1)

    def _set(self, spans: Tensor) -> set[tuple[int, ...]]:
        return {tuple(span[: self.columns]) for span in spans.tolist()}
