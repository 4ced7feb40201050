"""Span classification: a label for each span, all spans of a text in one encoder pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import torch
from datasets import List, Value
from torch import Tensor

from arabic_mtl.decoders import UNKNOWN, SpanCondition, SpanDecoder, SpanQuery
from arabic_mtl.documents import (
    Example,
    Prediction,
    Span,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
)
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import Head, Logits, SpanHead
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.tasks.base import Dependency, LabelPair
from arabic_mtl.tasks.labels import LabelTask
from arabic_mtl.tasks.losses import summed_cross_entropy
from arabic_mtl.tasks.metrics import Accuracy, MacroF1, TaskMetric
from arabic_mtl.text import Encoding

SpanRows = list[list[int]]
"""For each span: start, end, first token, last token + 1, label, condition or -1."""


@dataclass(frozen=True, kw_only=True)
class SpanClassification(LabelTask[SpanRows]):
    """Classification of spans with one label each, such as the polarity of opinion targets.

    A NULL span is classified from its whole text.

    Args:
        spans_from: The tagging task on the same corpus that predicts the spans of texts without
            gold ones. A text without predicted spans is classified as a whole.
        window: The number of tokens on either side of a span whose means are features.
        attention: Whether an attention-weighted mean of the text is a feature; the weights depend
            on the span's own tokens and on the distance from the span.
        condition: An extra label that each span is conditioned on.
        label_weights: Label to the weight of its spans in the loss, above 0; 1 by default.
    """

    reads: ClassVar[Literal["labels", "spans"]] = "spans"
    column: ClassVar[Any] = List(List(Value("int64"), length=6))
    main_metric: ClassVar[str] = "macro_f1"

    spans_from: str | None = None
    window: int = 0
    attention: bool = False
    condition: SpanCondition | None = None
    label_weights: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Checks the labels, the window and the weights."""
        super().__post_init__()
        if self.window < 0:
            raise InputError(
                "`window` must be 0 or more tokens", found=self.window, expected="0 or more"
            )
        for label, weight in self.label_weights.items():
            self.index(label)
            if not weight > 0:
                raise InputError(
                    "`label_weights` must be above 0",
                    found=f"{label}: {weight}",
                    expected="above 0",
                )

    @property
    def identity(self) -> dict[str, object]:
        """Returns the common options that `targets` depends on, and those of the condition."""
        condition = self.condition
        facts = condition and {"layer": condition.layer, "labels": condition.labels}
        return super().identity | {"condition": facts}

    @property
    def span_layers(self) -> dict[str, str]:
        """Returns the layer of the condition, if any."""
        return {"condition.layer": self.condition.layer} if self.condition else {}

    @property
    def decoder(self) -> SpanDecoder:
        """Returns the decoder to the likeliest label of each span."""
        return SpanDecoder(labels=self.labels, spans_from=self.spans_from, condition=self.condition)

    def targets(self, example: Example, encoding: Encoding) -> SpanRows | None:
        """Returns the text's spans (`SpanRows`); None for an unlabelled text.

        Raises:
            InputError: If a label is not declared, or the layer of the condition has other spans.
        """
        spans = self.spans_of(example)
        if spans is None:
            return None
        if self.condition is None:
            return self._rows(spans, [UNKNOWN] * len(spans), encoding)
        conditions = example.spans.get(self.condition.layer, ())
        if [(s.start, s.end) for s in conditions] != [(s.start, s.end) for s in spans]:
            raise InputError(
                f"layer {self.condition.layer!r} must have the spans of layer {self.layer!r}",
                found=f"{len(conditions)} spans for {len(spans)}",
                expected="the same spans in the same order",
            )
        indices = [self.condition.index(span.label) for span in conditions]
        return self._rows(spans, indices, encoding)

    def gold(self, target: SpanRows, encoding: Encoding) -> SpansPrediction:
        """Returns the spans in their order."""
        spans = [(start, end, self.labels[label]) for start, end, _, _, label, _ in target]
        return SpansPrediction(tuple(SpanPrediction(*span) for span in spans))

    def gold_queries(self, values: Sequence[SpanRows | None]) -> list[list[SpanQuery]]:
        """Returns the gold spans of each row, each with its gold condition."""
        return [
            [
                SpanQuery(start, end, first, last, condition)
                for start, end, first, last, _, condition in spans or ()
            ]
            for spans in values
        ]

    def items(self, target: SpanRows, encoding: Encoding) -> int:
        """Returns the number of spans."""
        return len(target)

    def _rows(
        self, spans: Sequence[Span], conditions: Sequence[int], encoding: Encoding
    ) -> SpanRows:
        return [
            [
                s.start,
                s.end,
                *encoding.tokens_within(s.start, s.end),
                self.index(s.label),
                condition,
            ]
            for s, condition in zip(spans, conditions, strict=True)
        ]

    def collate(self, values: Sequence[SpanRows | None], tokens: Tokens) -> Targets:
        """Joins the values of `targets` for the rows of a batch.

        Returns:
            ``spans`` (spans, 5): row, start, end, first token, last token + 1. ``labels``
            (spans,). ``conditions`` (spans,): -1 without a condition.
        """
        rows = [[row, *span] for row, spans in enumerate(values) for span in spans or ()]
        table = torch.tensor(rows, dtype=torch.long).view(-1, 7)
        return {"spans": table[:, :5], "labels": table[:, 5], "conditions": table[:, 6]}

    @property
    def gold_inputs(self) -> str:
        """Returns a description of the gold spans and their conditions."""
        condition = f", each with its gold {self.condition.layer}" if self.condition else ""
        return f"gold spans{condition}"

    @property
    def sources(self) -> tuple[Dependency, ...]:
        """Returns the task that predicts the spans and the one that predicts their conditions."""
        sources = []
        if self.spans_from:
            sources.append(Dependency("spans_from", self.spans_from, SpansPrediction))
        if self.condition and self.condition.predicted_by:
            task, labels = self.condition.predicted_by, self.condition.labels
            sources.append(Dependency("condition.predicted_by", task, TextPrediction, labels))
        return tuple(sources)

    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """Builds a small network over pooled vectors of the span and a summary of its text."""
        return SpanHead(
            hidden_size,
            self.size,
            dropout,
            window=self.window,
            attention=self.attention,
            conditions=len(self.condition.labels) if self.condition else 0,
        )

    def output_flags(self, annotated: Tensor, targets: Targets) -> Targets:
        """Returns the flags of the labels, for ``logits`` (spans, labels)."""
        return {"logits": annotated[targets["spans"][:, 0]]}

    def loss(self, logits: Logits, targets: Targets) -> tuple[Tensor, Tensor]:
        """Returns the cross-entropy, weighted by the gold labels, and the number of spans."""
        weights = [self.label_weights.get(label, 1.0) for label in self.labels]
        labels = targets["labels"]
        values = logits["logits"]
        total = summed_cross_entropy(values, labels, values.new_tensor(weights).float())
        return total, labels.new_tensor(len(labels))

    def metrics(self) -> dict[str, TaskMetric]:
        """Returns accuracy and macro-F1 over all spans, including NULL spans."""
        labels, corpora = self.labels, len(self.corpora)
        return {
            "accuracy": Accuracy(labels, "gold spans", corpora),
            "macro_f1": MacroF1(labels, "gold spans", corpora),
            **self.scored_metrics("gold spans"),
        }

    def decisions(self, gold: Prediction, predicted: Prediction) -> Iterator[LabelPair]:
        """Yields one decision for each span."""
        if isinstance(gold, SpansPrediction) and isinstance(predicted, SpansPrediction):
            for span, chosen in zip(gold.spans, predicted.spans, strict=True):
                yield LabelPair(span.label, chosen.label, chosen.score, (span.start, span.end))
