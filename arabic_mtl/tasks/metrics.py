"""Metrics of predictions against gold, computed from sums of tables.

A table has the numbers of correct, predicted and gold items for each label. Tables of texts,
batches, processes and corpora are summed, so that validation, reports, baselines and the
bootstrap compute a metric from the same numbers with the same function.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchmetrics import Metric

from arabic_mtl.documents import Prediction, SpansPrediction, TextPrediction, ValuePrediction

Floats = NDArray[np.float64]

Counted = Literal["texts", "gold spans", "predicted spans"]
"""The labelled items: texts, gold spans (matched by index) or predicted spans (by offsets)."""


class TaskMetric(Metric, ABC):
    """A metric of one task.

    Args:
        corpora: The number of the task's corpora.
    """

    full_state_update = False
    higher_is_better: bool = True
    is_share: ClassVar[bool] = True
    """True for a metric that is printed in percent and is part of the mean over tasks."""

    def __init__(self, corpora: int = 1) -> None:
        super().__init__()
        self.corpora = corpora

    @abstractmethod
    def update(
        self, corpora: Sequence[int], gold: Sequence[Prediction], predicted: Sequence[Prediction]
    ) -> None:
        """Adds labelled texts.

        Args:
            corpora: The index of each text's corpus among the task's.
            gold: The gold prediction for each text.
            predicted: A model's prediction for each text.
        """

    @abstractmethod
    def compute(self) -> Tensor:
        """Returns the value over all corpora, then the value of each corpus (1 + corpora,)."""


class AdditiveMetric(TaskMetric):
    """A metric of a sum over texts.

    Args:
        shape: The shape of one text's summand.
        corpora: The number of the task's corpora.
    """

    dtype_of_sums: ClassVar[torch.dtype] = torch.long
    sums: Tensor

    def __init__(self, shape: tuple[int, ...], corpora: int = 1) -> None:
        super().__init__(corpora)
        self.shape = shape
        zeros = torch.zeros(corpora, *shape, dtype=self.dtype_of_sums)
        self.add_state("sums", zeros, dist_reduce_fx="sum")

    @abstractmethod
    def observe(self, gold: Prediction, predicted: Prediction) -> Floats:
        """Returns the summand of one text, in the metric's shape."""

    @abstractmethod
    def value(self, sums: Floats) -> Floats:
        """Returns the metric (…) of sums (…, *shape)."""

    def update(
        self, corpora: Sequence[int], gold: Sequence[Prediction], predicted: Sequence[Prediction]
    ) -> None:
        """Adds labelled texts, without synchronizing with the device."""
        sums = np.zeros((self.corpora, *self.shape))
        for corpus, expected, output in zip(corpora, gold, predicted, strict=True):
            sums[corpus] += self.observe(expected, output)
        self.sums = self.sums + torch.from_numpy(sums).to(self.sums.dtype).to(self.sums.device)

    def compute(self) -> Tensor:
        """Returns the value over all corpora, then the value of each corpus (1 + corpora,)."""
        sums = self.sums.cpu().numpy().astype(np.float64)
        values = self.value(np.concatenate([sums.sum(axis=0, keepdims=True), sums]))
        return torch.from_numpy(values).float().to(self.sums.device)


class LabelMetric(AdditiveMetric):
    """A metric of the numbers of correct, predicted and gold items of each label.

    Args:
        labels: The labels; if empty, spans are compared without their labels.
        counted: The kind of labelled items.
        corpora: The number of the task's corpora.
    """

    def __init__(self, labels: Sequence[str], counted: Counted, corpora: int = 1) -> None:
        super().__init__((max(len(labels), 1), 3), corpora)
        self.labels, self.counted = tuple(labels), counted
        self._indices = {label: index for index, label in enumerate(labels)}

    def observe(self, gold: Prediction, predicted: Prediction) -> Floats:
        """Returns the table of one text (labels, 3); equal items count once."""
        table = np.zeros(self.shape)
        expected, outputs = self._items(gold), self._items(predicted)
        for column, items in enumerate((expected & outputs, outputs, expected)):
            for label, _ in items:
                table[label, column] += 1
        return table

    def _items(self, prediction: Prediction) -> set[tuple[int, Hashable]]:
        """Returns (index of the label, item) for each label."""
        if isinstance(prediction, TextPrediction):
            return {(self._index(label.label), None) for label in prediction.labels}
        if isinstance(prediction, ValuePrediction):
            return set()
        spans = enumerate(prediction.spans)
        if self.counted == "gold spans":
            return {(self._index(span.label), number) for number, span in spans}
        return {(self._index(span.label), (span.start, span.end)) for _, span in spans}

    def _index(self, label: str) -> int:
        return self._indices[label] if self.labels else 0


class MicroF1(LabelMetric):
    """Micro-averaged F1; for predicted spans, CoNLL-2003's entity F1 on raw offsets."""

    def value(self, sums: Floats) -> Floats:
        """Returns F1 (…) of sums (…, labels, 3); 0 without predicted or gold items."""
        correct, predicted, gold = np.moveaxis(sums.sum(axis=-2), -1, 0)
        return ratio(2 * correct, predicted + gold)


class MacroF1(LabelMetric):
    """Macro-averaged F1 over the labels that are gold or predicted at least once."""

    def value(self, sums: Floats) -> Floats:
        """Returns macro-F1 (…) of sums (…, labels, 3); 0 if no label occurs."""
        correct, predicted, gold = np.moveaxis(sums, -1, 0)
        occurs = (predicted + gold) > 0
        f1 = ratio(2 * correct, predicted + gold)
        return ratio((f1 * occurs).sum(axis=-1), occurs.sum(axis=-1))


class ScoredF1(MacroF1):
    """Macro-averaged F1 over some of the labels; of a single label, its F1.

    Over the positive and the negative label, it is F-PN of SemEval-2017 Task 4 (Rosenthal et al.,
    2017).

    Args:
        labels: The labels.
        counted: The kind of labelled items.
        corpora: The number of the task's corpora.
        scored: The labels that count.
    """

    def __init__(
        self, labels: Sequence[str], counted: Counted, corpora: int, scored: Sequence[str]
    ) -> None:
        super().__init__(labels, counted, corpora)
        self.scored = [self._indices[label] for label in scored]

    def value(self, sums: Floats) -> Floats:
        """Returns macro-F1 (…) of sums (…, labels, 3) over the labels that count."""
        return super().value(sums[..., self.scored, :])


class Accuracy(LabelMetric):
    """The share of gold items that are predicted correctly."""

    def value(self, sums: Floats) -> Floats:
        """Returns accuracy (…) of sums (…, labels, 3); 0 without gold items."""
        correct, _, gold = np.moveaxis(sums.sum(axis=-2), -1, 0)
        return ratio(correct, gold)


class WordAccuracy(AdditiveMetric):
    """The share of words with the gold tag.

    Args:
        corpora: The number of the task's corpora.
    """

    def __init__(self, corpora: int = 1) -> None:
        super().__init__((2,), corpora)

    def observe(self, gold: Prediction, predicted: Prediction) -> Floats:
        """Returns the number of correctly tagged words and of all words (2,)."""
        if not (isinstance(gold, SpansPrediction) and isinstance(predicted, SpansPrediction)):
            return np.zeros(2)
        pairs = list(zip(gold.tags, predicted.tags, strict=True))
        correct = sum(expected == tag for expected, tag in pairs)
        return np.array([correct, len(pairs)], dtype=float)

    def value(self, sums: Floats) -> Floats:
        """Returns accuracy (…) of sums (…, 2); 0 without words."""
        return ratio(sums[..., 0], sums[..., 1])


def ratio(part: Floats, whole: Floats) -> Floats:
    """Returns ``part / whole``; 0 where ``whole`` is 0."""
    zeros = np.zeros_like(part, dtype=np.float64)
    quotients: Floats = np.divide(part, whole, out=zeros, where=whole > 0)
    return quotients
