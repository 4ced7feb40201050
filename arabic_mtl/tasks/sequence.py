"""One label for a whole text or pair of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from datasets import Value
from torch import Tensor
from torchmetrics import MetricCollection
from torchmetrics.classification import MulticlassAccuracy, MulticlassF1Score

from arabic_mtl.decoders import LabelDecoder
from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import TEXT_HEADS, Head, Pooling
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.tasks.base import Task, fractions
from arabic_mtl.tasks.losses import IGNORED
from arabic_mtl.text import Encoding


def classification_metrics(labels: int) -> MetricCollection:
    """Accuracy over items, and F1 averaged over labels."""
    return MetricCollection(
        {
            "accuracy": MulticlassAccuracy(labels, average="micro", ignore_index=IGNORED),
            "macro_f1": MulticlassF1Score(labels, average="macro", ignore_index=IGNORED),
        }
    )


@dataclass(frozen=True, kw_only=True)
class SequenceClassification(Task):
    """One of the labels for each text, such as the polarity of an opinion in the pair form.

    Args:
        pooling: What the head sees of a text: a ``summary`` (first token, mean and maximum), or
            the ``first`` token alone, through a dense layer, as Hugging Face's classifiers do;
            such a task can be exported as one of them.
    """

    reads: ClassVar[Literal["labels", "spans"]] = "labels"
    column: ClassVar[Any] = Value("int64")
    main_metric: ClassVar[str] = "macro_f1"

    pooling: Pooling = "summary"

    @property
    def decoder(self) -> LabelDecoder:
        """The likeliest label of each text."""
        return LabelDecoder(labels=self.labels)

    def targets(self, example: Example, encoding: Encoding) -> int | None:
        """The number of the text's only label."""
        labels = example.labels.get(self.layer)
        if labels is None:
            return None
        if len(labels) != 1:
            raise InputError(
                f"layer {self.layer!r} gives each text one label",
                found=list(labels),
                expected="one label; several are a task for MultiLabelClassification",
            )
        return self.index(labels[0])

    def gold(self, example: Example) -> Any:
        """The text's only label."""
        gold = super().gold(example)
        return gold and gold[0]

    def items(self, target: int, encoding: Encoding) -> int:
        """One: the text."""
        return 1

    def collate(self, values: Sequence[int | None], tokens: Tokens) -> Targets:
        """``labels`` (rows,)."""
        return {"labels": torch.tensor([IGNORED if v is None else v for v in values]).long()}

    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """A linear layer over what `pooling` sees."""
        return TEXT_HEADS[self.pooling](hidden_size, self.outputs, dropout)

    def build_metrics(self) -> MetricCollection:
        """Accuracy and macro-F1."""
        return classification_metrics(len(self.labels))

    def update(
        self, metrics: MetricCollection, logits: Tensor, tokens: Tokens, targets: Targets
    ) -> None:
        """Counts the labelled rows."""
        metrics.update(logits, targets["labels"])

    def probabilities(self, logits: Tensor, tokens: Tokens, targets: Targets) -> list[Any]:
        """Of each row."""
        return list(fractions(logits.float().softmax(dim=-1)))
