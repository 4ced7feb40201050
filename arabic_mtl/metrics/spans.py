"""Exact-match F1 over sets of spans."""

import torch
from torch import Tensor
from torchmetrics import Metric


class SpanF1(Metric):
    """Micro-averaged F1 of predicted spans that equal a gold span to the character.

    With labels it is the CoNLL-2003 entity F1 on raw offsets; without, slot 2 of SemEval-2016
    Task 5. Spans are sets: a span given twice counts once.

    Args:
        labelled: Whether the labels must be equal, too.
    """

    full_state_update = False
    higher_is_better = True
    correct: Tensor
    predicted: Tensor
    gold: Tensor

    def __init__(self, *, labelled: bool) -> None:
        super().__init__()
        self.columns = 4 if labelled else 3
        for name in ("correct", "predicted", "gold"):
            self.add_state(name, torch.tensor(0), dist_reduce_fx="sum")

    def update(self, found: Tensor, truth: Tensor) -> None:
        """Compares spans given as rows ``(text, start, end, label)``.

        Args:
            found: The predicted spans (spans, 4).
            truth: The gold spans (spans, 4).
        """
        predicted = {tuple(span[: self.columns]) for span in found.tolist()}
        gold = {tuple(span[: self.columns]) for span in truth.tolist()}
        self.correct += len(predicted & gold)
        self.predicted += len(predicted)
        self.gold += len(gold)

    def compute(self) -> Tensor:
        """F1 in 0..1; 0 where nothing was predicted and nothing is gold."""
        return 2 * self.correct / (self.predicted + self.gold).clamp(min=1)
