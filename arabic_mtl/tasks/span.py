"""A label for each given span of a text, all spans of a text in one encoder pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import torch
from datasets import List, Value
from torch import Tensor

from arabic_mtl.decoders import UNKNOWN, Given, SpanDecoder, SpanQuery
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
"""Per span: start, end, first token, last token + 1, label, condition or -1."""


@dataclass(frozen=True, kw_only=True)
class SpanClassification(LabelTask[SpanRows]):
    """One of the labels for each span, such as the polarity towards each opinion target.

    NULL spans are classified from the whole text.

    Args:
        spans_from: The tagging task on the same corpus that finds the spans where none are
            given (predict); a text without any is classified as a whole.
        window: The tokens on either side of a span that are looked at by themselves.
        attention: Look at the tokens that a span's own meaning and their distance from it ask for.
        given: What is told of each span besides.
        label_weights: Label to the weight of its spans in the loss, where that is not 1.
    """

    reads: ClassVar[Literal["labels", "spans"]] = "spans"
    column: ClassVar[Any] = List(List(Value("int64"), length=6))
    main_metric: ClassVar[str] = "macro_f1"

    spans_from: str | None = None
    window: int = 0
    attention: bool = False
    given: Given | None = None
    label_weights: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Checks the window and the weights, too."""
        super().__post_init__()
        if self.window < 0:
            raise InputError(
                "a span's window is a number of tokens", found=self.window, expected="0 or more"
            )
        for label, weight in self.label_weights.items():
            self.index(label)
            if not weight > 0:
                raise InputError(
                    "a label's weight is positive", found=f"{label}: {weight}", expected="above 0"
                )

    @property
    def identity(self) -> dict[str, object]:
        """What is given is part of the targets, too."""
        given = self.given and {"layer": self.given.layer, "labels": self.given.labels}
        return super().identity | {"given": given}

    @property
    def span_layers(self) -> dict[str, str]:
        """That of what is given."""
        return {"given.layer": self.given.layer} if self.given else {}

    @property
    def decoder(self) -> SpanDecoder:
        """The likeliest label of each span."""
        return SpanDecoder(labels=self.labels, spans_from=self.spans_from, given=self.given)

    def targets(self, example: Example, encoding: Encoding) -> SpanRows | None:
        """Per span: start, end, first token, last token + 1, label, what is given or -1."""
        spans = self.spans_of(example)
        if spans is None:
            return None
        if self.given is None:
            return self._places(spans, [UNKNOWN] * len(spans), encoding)
        told = example.spans.get(self.given.layer, ())
        if [(s.start, s.end) for s in told] != [(s.start, s.end) for s in spans]:
            raise InputError(
                f"layer {self.given.layer!r} says something of each span of {self.layer!r}",
                found=f"{len(told)} spans for {len(spans)}",
                expected="the same spans in the same order",
            )
        return self._places(spans, [self.given.of(span.label) for span in told], encoding)

    def gold(self, target: SpanRows, encoding: Encoding) -> SpansPrediction:
        """Returns the spans, in their order."""
        spans = [(start, end, self.labels[label]) for start, end, _, _, label, _ in target]
        return SpansPrediction(tuple(SpanPrediction(*span) for span in spans))

    def gold_queries(self, values: Sequence[SpanRows | None]) -> list[list[SpanQuery]]:
        """Returns the gold spans of each row, each with its gold condition."""
        return [
            [SpanQuery(a, b, first, last, given) for a, b, first, last, _, given in spans or ()]
            for spans in values
        ]

    def items(self, target: SpanRows, encoding: Encoding) -> int:
        """Returns the number of spans."""
        return len(target)

    def _places(self, spans: Sequence[Span], given: Sequence[int], encoding: Encoding) -> SpanRows:
        return [
            [s.start, s.end, *encoding.tokens_within(s.start, s.end), self.index(s.label), told]
            for s, told in zip(spans, given, strict=True)
        ]

    def collate(self, values: Sequence[SpanRows | None], tokens: Tokens) -> Targets:
        """The spans of all rows.

        ``spans`` (spans, 5): row, start, end, first token, last + 1. ``labels`` and ``given``
        (spans,), the latter -1 where nothing is.
        """
        rows = [[row, *span] for row, spans in enumerate(values) for span in spans or ()]
        table = torch.tensor(rows, dtype=torch.long).view(-1, 7)
        return {"spans": table[:, :5], "labels": table[:, 5], "given": table[:, 6]}

    @property
    def gold_inputs(self) -> str:
        """The spans, and their conditions."""
        return "gold spans" + (f", each with its gold {self.given.layer}" if self.given else "")

    @property
    def sources(self) -> tuple[Dependency, ...]:
        """The task that finds the spans, and the one that predicts their conditions."""
        sources = []
        if self.spans_from:
            sources.append(Dependency("spans_from", self.spans_from, SpansPrediction))
        if self.given and self.given.found_by:
            found_by, labels = self.given.found_by, self.given.labels
            sources.append(Dependency("given.found_by", found_by, TextPrediction, labels))
        return tuple(sources)

    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """A small network over the span's mean and a summary of its text."""
        return SpanHead(
            hidden_size,
            self.size,
            dropout,
            window=self.window,
            attention=self.attention,
            given=len(self.given.labels) if self.given else 0,
        )

    def loss(self, logits: Logits, targets: Targets) -> tuple[Tensor, Tensor]:
        """Cross-entropy, in which each span counts by its label's weight."""
        weights = [self.label_weights.get(label, 1.0) for label in self.labels]
        labels = targets["labels"]
        values = logits["logits"]
        total = summed_cross_entropy(values, labels, values.new_tensor(weights).float())
        return total, labels.new_tensor(len(labels))

    def metrics(self) -> dict[str, TaskMetric]:
        """Accuracy and macro-F1 over all spans, NULL ones included."""
        labels, corpora = self.labels, len(self.corpora)
        return {
            "accuracy": Accuracy(labels, "given spans", corpora),
            "macro_f1": MacroF1(labels, "given spans", corpora),
        }

    def decisions(self, gold: Prediction, predicted: Prediction) -> Iterator[LabelPair]:
        """Yields one for each span."""
        if isinstance(gold, SpansPrediction) and isinstance(predicted, SpansPrediction):
            for right, found in zip(gold.spans, predicted.spans, strict=True):
                place = right.start, right.end
                yield LabelPair(right.label, found.label, found.score, place)
