"""Text classification: one label for a text or a pair of texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from datasets import Value

from arabic_mtl.decoders import SequenceDecoder
from arabic_mtl.documents import Example, LabelScore, Prediction, TextPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import TEXT_HEADS, Head, Pooling
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.tasks.base import LabelPair
from arabic_mtl.tasks.labels import LabelTask
from arabic_mtl.tasks.losses import IGNORED
from arabic_mtl.tasks.metrics import Accuracy, MacroF1, TaskMetric
from arabic_mtl.text import Encoding


@dataclass(frozen=True, kw_only=True)
class SequenceClassification(LabelTask[int]):
    """Classification of texts or text pairs with one label each, such as polarity.

    Args:
        pooling: The vector of a text that the head reads: a ``summary`` (first token, mean and
            maximum), or the ``first`` token through a dense layer, as in Hugging Face's sequence
            classifiers; only tasks with ``first`` can be exported as such a classifier.
    """

    reads: ClassVar[Literal["labels", "spans"]] = "labels"
    column: ClassVar[Any] = Value("int64")
    main_metric: ClassVar[str] = "macro_f1"

    pooling: Pooling = "summary"

    @property
    def decoder(self) -> SequenceDecoder:
        """Returns the decoder to the likeliest label of each text."""
        return SequenceDecoder(labels=self.labels)

    def targets(self, example: Example, encoding: Encoding) -> int | None:
        """Returns the index of the text's only label; None for an unlabelled text."""
        labels = self.labels_of(example)
        if labels is None:
            return None
        if len(labels) != 1:
            raise InputError(
                f"layer {self.layer!r} must have exactly one label for each text",
                found=list(labels),
                expected="one label, or no layer; for several labels, use MultiLabelClassification",
            )
        return self.index(labels[0])

    def gold(self, target: int, encoding: Encoding) -> TextPrediction:
        """Returns the text's only label."""
        return TextPrediction((LabelScore(self.labels[target]),))

    def items(self, target: int, encoding: Encoding) -> int:
        """Returns 1: the text."""
        return 1

    def collate(self, values: Sequence[int | None], tokens: Tokens) -> Targets:
        """Returns ``labels`` (rows,), `IGNORED` for unlabelled rows."""
        return {"labels": torch.tensor([IGNORED if v is None else v for v in values]).long()}

    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """Builds a linear layer over the vector of `pooling`."""
        return TEXT_HEADS[self.pooling](hidden_size, self.size, dropout)

    def metrics(self) -> dict[str, TaskMetric]:
        """Returns accuracy and macro-F1 over texts."""
        labels, corpora = self.labels, len(self.corpora)
        return {
            "accuracy": Accuracy(labels, "texts", corpora),
            "macro_f1": MacroF1(labels, "texts", corpora),
            **self.scored_metrics("texts"),
        }

    def decisions(self, gold: Prediction, predicted: Prediction) -> Iterator[LabelPair]:
        """Yields one decision: the text's label."""
        if isinstance(gold, TextPrediction) and isinstance(predicted, TextPrediction):
            (expected,), (chosen,) = gold.labels, predicted.labels
            yield LabelPair(expected.label, chosen.label, chosen.score)
