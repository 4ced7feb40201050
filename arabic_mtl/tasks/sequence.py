"""One label for a whole text or pair of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from datasets import Value
from torch import Tensor, nn
from torchmetrics import MetricCollection
from torchmetrics.classification import MulticlassAccuracy, MulticlassF1Score

from arabic_mtl.errors import InputError
from arabic_mtl.example import Example
from arabic_mtl.tasks.base import IGNORED, Targets, Task, fraction, fractions
from arabic_mtl.tasks.pooling import text_summary
from arabic_mtl.text import Encoding
from arabic_mtl.tokens import Tokens


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
    """One of the labels for each text, such as the polarity of an opinion in the pair form."""

    reads: ClassVar[Literal["labels", "spans"]] = "labels"
    column: ClassVar[Any] = Value("int64")
    main_metric: ClassVar[str] = "macro_f1"

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

    def build_head(self, hidden_size: int, dropout: float) -> nn.Module:
        """A linear layer over a summary of the text."""
        return TextHead(hidden_size, self.outputs, dropout)

    def build_metrics(self) -> MetricCollection:
        """Accuracy and macro-F1."""
        return classification_metrics(len(self.labels))

    def update(
        self, metrics: MetricCollection, logits: Tensor, tokens: Tokens, targets: Targets
    ) -> None:
        """Counts the labelled rows."""
        metrics.update(logits, targets["labels"])

    def decode(self, logits: Tensor, tokens: Tokens, targets: Targets) -> list[Any]:
        """The likeliest label of each row, with its probability."""
        scores, best = logits.float().softmax(dim=-1).max(dim=-1)
        return [
            {"label": self.labels[index], "score": fraction(score)}
            for index, score in zip(best.tolist(), scores, strict=True)
        ]

    def probabilities(self, logits: Tensor, tokens: Tokens, targets: Targets) -> list[Any]:
        """Of each row."""
        return list(fractions(logits.float().softmax(dim=-1)))


class TextHead(nn.Module):
    """Summary of the text → dropout → linear."""

    def __init__(self, hidden_size: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(3 * hidden_size, outputs)

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Tensor:
        """(rows, tokens, hidden_size) → logits (rows, outputs)."""
        summary = text_summary(hidden, tokens.attention_mask)
        logits: Tensor = self.output(self.dropout(summary))
        return logits
