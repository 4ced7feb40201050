"""The slots of SemEval-2016 Task 5 as metrics, exact over any number of processes."""

from collections import Counter
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torchmetrics import Metric

from arabic_mtl.metrics.sets import SetMetric
from arabic_mtl.opinion import Opinion
from arabic_mtl.scoring import POLARITIES, Slot, Verdict, judge, polarity_scores, slot_overlap


class SlotF1(SetMetric):
    """Slot 1, 2 or 1+2: what each text's opinions are about, micro-averaged.

    Args:
        slot: ``slot1`` (categories), ``slot2`` (targets) or ``slot12`` (both together).
    """

    def __init__(self, slot: Slot) -> None:
        super().__init__()
        self.slot = slot

    def update(self, found: Iterable[Opinion], gold: Iterable[Opinion]) -> None:
        """Counts the opinions of one text: what a system says, and what is right."""
        self.add(slot_overlap(self.slot, found, gold))

    def compute(self) -> dict[str, Tensor]:
        """``precision``, ``recall`` and ``f1``, in 0..1; 0 where there is nothing to divide by."""
        return {name: self.score(value) for name, value in self.total().scores().items()}


class PolarityScores(Metric):
    """Slot 3: the polarity of given opinions.

    Args:
        polarities: All that there are, in gold opinions and in answers.
    """

    full_state_update = False
    higher_is_better = True
    counts: Tensor

    def __init__(self, polarities: Sequence[str] = POLARITIES) -> None:
        super().__init__()
        self.polarities = [*polarities, None]  # None is no answer
        shape = (len(polarities), len(self.polarities), 2, 2)  # gold, found, is_null, is_mixed
        self.add_state("counts", torch.zeros(shape, dtype=torch.long), dist_reduce_fx="sum")

    def update(self, found: Iterable[Opinion], gold: Sequence[Opinion]) -> None:
        """Counts the opinions of one text: what a system says, and what is right.

        Raises:
            ValueError: If a polarity is not among those that there are.
        """
        for verdict in judge(found, gold):
            pair = (self.polarities.index(polarity) for polarity in verdict[:2])
            self.counts[*pair, int(verdict.is_null), int(verdict.is_mixed)] += 1

    def compute(self) -> dict[str, Tensor]:
        """What `polarity_scores` gives, in 0..1; nothing where there was no opinion."""
        verdicts: Counter[Verdict] = Counter()
        for gold, found, null, mixed in self.counts.nonzero().tolist():
            labels = str(self.polarities[gold]), self.polarities[found]
            times = int(self.counts[gold, found, null, mixed])
            verdicts[Verdict(*labels, bool(null), bool(mixed))] = times
        scores = polarity_scores(verdicts) if verdicts else {}
        return {name: self.counts.new_tensor(v, dtype=torch.float) for name, v in scores.items()}
