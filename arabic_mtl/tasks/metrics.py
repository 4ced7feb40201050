"""Metrics of predictions beside gold, as tables that add up.

A table has the numbers of right, predicted and gold items for each label. Tables of texts,
batches, processes and corpora are summed, so that validation, reports, baselines and the
bootstrap compute a metric from the same numbers by the same function.
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

Counted = Literal["texts", "given spans", "found spans"]
"""The items that a label belongs to: texts, given spans by their order, found ones by place."""


class TaskMetric(Metric, ABC):
    """A metric of one task.

    Args:
        corpora: The number of the task's corpora.
    """

    full_state_update = False
    higher_is_better: bool = True
    is_share: ClassVar[bool] = True
    """Whether it is printed in percent, and part of the mean over tasks."""

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
            gold: The right predictions.
            predicted: Those of a model.
        """

    @abstractmethod
    def compute(self) -> Tensor:
        """Returns the value for all corpora, then for each alone (1 + corpora,)."""


class AdditiveMetric(TaskMetric):
    """A metric of a sum over texts.

    Args:
        shape: Of the summand of one text.
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
        """Returns the metric of sums: (…, *shape) → (…)."""

    def update(
        self, corpora: Sequence[int], gold: Sequence[Prediction], predicted: Sequence[Prediction]
    ) -> None:
        """Adds labelled texts; nothing waits for the device."""
        sums = np.zeros((self.corpora, *self.shape))
        for corpus, right, found in zip(corpora, gold, predicted, strict=True):
            sums[corpus] += self.observe(right, found)
        self.sums = self.sums + torch.from_numpy(sums).to(self.sums.dtype).to(self.sums.device)

    def compute(self) -> Tensor:
        """Returns the value for all corpora, then for each alone (1 + corpora,)."""
        sums = self.sums.cpu().numpy().astype(np.float64)
        values = self.value(np.concatenate([sums.sum(axis=0, keepdims=True), sums]))
        return torch.from_numpy(values).float().to(self.sums.device)


class LabelMetric(AdditiveMetric):
    """A metric of the table of a task's labels: right, predicted and gold items of each.

    Args:
        labels: The labels; of none, spans are compared without their labels.
        counted: The items that labels belong to.
        corpora: The number of the task's corpora.
    """

    def __init__(self, labels: Sequence[str], counted: Counted, corpora: int = 1) -> None:
        super().__init__((max(len(labels), 1), 3), corpora)
        self.labels, self.counted = tuple(labels), counted
        self._index = {label: number for number, label in enumerate(labels)}

    def observe(self, gold: Prediction, predicted: Prediction) -> Floats:
        """Returns the table of one text (labels, 3); equal items count once."""
        table = np.zeros(self.shape)
        right, found = self._items(gold), self._items(predicted)
        for column, items in enumerate((right & found, found, right)):
            for number, _ in items:
                table[number, column] += 1
        return table

    def _items(self, prediction: Prediction) -> set[tuple[int, Hashable]]:
        """Returns the index of each label with the item that it belongs to."""
        if isinstance(prediction, TextPrediction):
            return {(self._number(each.label), None) for each in prediction.labels}
        if isinstance(prediction, ValuePrediction):
            return set()
        spans = enumerate(prediction.spans)
        if self.counted == "given spans":
            return {(self._number(span.label), number) for number, span in spans}
        return {(self._number(span.label), (span.start, span.end)) for _, span in spans}

    def _number(self, label: str) -> int:
        return self._index[label] if self.labels else 0


class MicroF1(LabelMetric):
    """F1 over all labels together; of found spans the entity F1 of CoNLL-2003 on raw offsets."""

    def value(self, sums: Floats) -> Floats:
        """(…, labels, 3) → (…); 0 where nothing is predicted or gold."""
        right, predicted, gold = np.moveaxis(sums.sum(axis=-2), -1, 0)
        return ratio(2 * right, predicted + gold)


class MacroF1(LabelMetric):
    """The mean of the labels' F1, over those that occur in gold or in predictions."""

    def value(self, sums: Floats) -> Floats:
        """(…, labels, 3) → (…); 0 where no label occurs."""
        right, predicted, gold = np.moveaxis(sums, -1, 0)
        occurs = (predicted + gold) > 0
        f1 = ratio(2 * right, predicted + gold)
        return ratio((f1 * occurs).sum(axis=-1), occurs.sum(axis=-1))


class Accuracy(LabelMetric):
    """The share of gold items that are right."""

    def value(self, sums: Floats) -> Floats:
        """(…, labels, 3) → (…); 0 where there are no gold items."""
        right, _, gold = np.moveaxis(sums.sum(axis=-2), -1, 0)
        return ratio(right, gold)


class WordAccuracy(AdditiveMetric):
    """The share of words with the right tag.

    Args:
        corpora: The number of the task's corpora.
    """

    def __init__(self, corpora: int = 1) -> None:
        super().__init__((2,), corpora)

    def observe(self, gold: Prediction, predicted: Prediction) -> Floats:
        """Returns the right words and all words (2,)."""
        if not (isinstance(gold, SpansPrediction) and isinstance(predicted, SpansPrediction)):
            return np.zeros(2)
        pairs = list(zip(gold.tags, predicted.tags, strict=True))
        return np.array([sum(right == found for right, found in pairs), len(pairs)], dtype=float)

    def value(self, sums: Floats) -> Floats:
        """(…, 2) → (…); 0 where there are no words."""
        return ratio(sums[..., 0], sums[..., 1])


def ratio(part: Floats, whole: Floats) -> Floats:
    """Returns quotients; 0 where there is nothing to divide by."""
    zeros = np.zeros_like(part, dtype=np.float64)
    quotients: Floats = np.divide(part, whole, out=zeros, where=whole > 0)
    return quotients
