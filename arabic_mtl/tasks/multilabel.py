"""Any number of labels for a whole text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from datasets import List, Value
from torch import Tensor, nn
from torch.nn import functional
from torchmetrics import MetricCollection
from torchmetrics.classification import MultilabelF1Score

from arabic_mtl.errors import InputError
from arabic_mtl.example import Example
from arabic_mtl.tasks.base import IGNORED, Targets, Task, fraction, fractions
from arabic_mtl.tasks.sequence import TextHead
from arabic_mtl.text import Encoding, Tokens


@dataclass(frozen=True, kw_only=True)
class MultiLabelClassification(Task):
    """Each label is there or not, such as the aspect categories that a sentence speaks of.

    Args:
        threshold: A label whose probability reaches it is predicted.
    """

    reads: ClassVar[Literal["labels", "spans"]] = "labels"
    column: ClassVar[Any] = List(Value("int64"))
    main_metric: ClassVar[str] = "micro_f1"

    threshold: float = 0.5

    def __post_init__(self) -> None:
        """Checks the threshold, too."""
        super().__post_init__()
        if not 0 <= self.threshold <= 1:
            raise InputError(
                "a task's threshold is a probability", found=self.threshold, expected="0 to 1"
            )

    def targets(self, example: Example, encoding: Encoding) -> list[int] | None:
        """The numbers of the text's labels."""
        labels = example.labels.get(self.layer)
        return None if labels is None else [self.index(label) for label in labels]

    def items(self, target: list[int], encoding: Encoding) -> int:
        """One: the text."""
        return 1

    def collate(self, values: Sequence[list[int] | None], tokens: Tokens) -> Targets:
        """``labels`` (rows, labels), 0 or 1; `IGNORED` in unlabelled rows."""
        labels = torch.zeros(len(values), len(self.labels), dtype=torch.long)
        for row, value in enumerate(values):
            labels[row, slice(None) if value is None else value] = IGNORED if value is None else 1
        return {"labels": labels}

    def build_head(self, hidden_size: int, dropout: float) -> nn.Module:
        """A linear layer over a summary of the text."""
        return TextHead(hidden_size, self.outputs, dropout)

    def loss(self, logits: Tensor, targets: Targets) -> tuple[Tensor, Tensor]:
        """Binary cross-entropy, summed over labels; the items are the labelled rows."""
        known = targets["labels"][:, 0] != IGNORED
        total = functional.binary_cross_entropy_with_logits(
            logits[known].float(), targets["labels"][known].float(), reduction="sum"
        )
        return total, known.sum()

    def frequencies(self, targets: Targets) -> Tensor:
        """How many rows have each label: (labels,)."""
        return (targets["labels"] == 1).sum(dim=0)

    def constant(self, output: int, targets: Targets) -> Tensor:
        """Always the one label: (rows, labels)."""
        vector = torch.full((self.outputs,), -10.0, device=targets["labels"].device)
        vector[output] = 10.0
        return vector.expand_as(targets["labels"])

    def build_metrics(self) -> MetricCollection:
        """F1 over all decisions, and averaged over labels."""
        options: dict[str, Any] = {"threshold": self.threshold, "ignore_index": IGNORED}
        return MetricCollection(
            {
                "micro_f1": MultilabelF1Score(len(self.labels), average="micro", **options),
                "macro_f1": MultilabelF1Score(len(self.labels), average="macro", **options),
            }
        )

    def update(
        self, metrics: MetricCollection, logits: Tensor, tokens: Tokens, targets: Targets
    ) -> None:
        """Counts the labelled rows."""
        # Probabilities, for torchmetrics would take logits that all lie in 0..1 for them.
        metrics.update(logits.float().sigmoid(), targets["labels"])

    def decode(self, logits: Tensor, tokens: Tokens, targets: Targets) -> list[Any]:
        """The labels of each row that reach the threshold, likeliest first."""
        rows = logits.float().sigmoid()
        return [
            [
                {"label": self.labels[index], "score": fraction(row[index])}
                for index in row.argsort(descending=True).tolist()
                if row[index] >= self.threshold
            ]
            for row in rows
        ]

    def probabilities(self, logits: Tensor, tokens: Tokens, targets: Targets) -> list[Any]:
        """Of each row."""
        return list(fractions(logits.float().sigmoid()))
