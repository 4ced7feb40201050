"""Counts of sets, text by text, that add up over processes."""

import torch
from torch import Tensor
from torchmetrics import Metric

from arabic_mtl.scoring import Overlap


class SetMetric(Metric):
    """Adds up how far sets that were found are the right ones: the base of micro-averaged F1."""

    full_state_update = False
    higher_is_better = True
    counts: Tensor

    def __init__(self) -> None:
        super().__init__()
        zeros = torch.zeros(3, dtype=torch.long)  # correct, found, gold
        self.add_state("counts", zeros, dist_reduce_fx="sum")

    def add(self, overlap: Overlap) -> None:
        """Counts some more."""
        counts = [overlap.correct, overlap.found, overlap.gold]
        self.counts += self.counts.new_tensor(counts)

    def total(self) -> Overlap:
        """All that was counted."""
        return Overlap(*self.counts.tolist())

    def score(self, value: float) -> Tensor:
        """A score as a tensor where the counts are."""
        return self.counts.new_tensor(value, dtype=torch.float)
