"""Exact-match F1 over sets of spans."""

import torch
from torch import Tensor
from torchmetrics import Metric

from arabic_mtl.scoring import Overlap, overlap


class SpanF1(Metric):
    """Micro-averaged F1 of predicted spans that equal a gold span to the character.

    With labels it is the CoNLL-2003 entity F1 on raw offsets; without, slot 2 of SemEval-2016
    Task 5. Spans are sets: a span given twice counts once. Its state adds up over processes.

    Args:
        labelled: Whether the labels must be equal, too.
    """

    full_state_update = False
    higher_is_better = True
    counts: Tensor

    def __init__(self, *, labelled: bool) -> None:
        super().__init__()
        self.columns = 4 if labelled else 3
        zeros = torch.zeros(3, dtype=torch.long)  # correct, found, gold
        self.add_state("counts", zeros, dist_reduce_fx="sum")

    def update(self, found: Tensor, truth: Tensor) -> None:
        """Compares spans given as rows ``(text, start, end, label)``.

        Args:
            found: The predicted spans (spans, 4).
            truth: The gold spans (spans, 4).
        """
        counted = overlap(self._set(found), self._set(truth))
        self.counts += self.counts.new_tensor([counted.correct, counted.found, counted.gold])

    def compute(self) -> Tensor:
        """F1 in 0..1; 0 where nothing was predicted and nothing is gold."""
        return self.counts.new_tensor(Overlap(*self.counts.tolist()).f1, dtype=torch.float)

    def _set(self, spans: Tensor) -> set[tuple[int, ...]]:
        return {tuple(span[: self.columns]) for span in spans.tolist()}
