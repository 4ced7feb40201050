"""A label for each given piece of a text, all pieces of a text in one encoder pass."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import torch
from datasets import List, Value
from torch import Tensor
from torchmetrics import MetricCollection

from arabic_mtl.decoders import UNKNOWN, Given, SpanDecoder, SpanPlace
from arabic_mtl.documents import Example, Span
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import Head, SpanHead
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.tasks.base import Source, Task, arrays, fractions, rounded
from arabic_mtl.tasks.losses import summed_cross_entropy
from arabic_mtl.tasks.multilabel import MultiLabelClassification
from arabic_mtl.tasks.sequence import classification_metrics
from arabic_mtl.tasks.token import TokenClassification
from arabic_mtl.text import Encoding


@dataclass(frozen=True, kw_only=True)
class SpanClassification(Task):
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
    def identity(self) -> dict[str, Any]:
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

    def targets(self, example: Example, encoding: Encoding) -> list[list[int]] | None:
        """Per span: start, end, first token, last token + 1, label, what is given or -1."""
        spans = example.spans.get(self.layer)
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

    def items(self, target: list[list[int]], encoding: Encoding) -> int:
        """The spans."""
        return len(target)

    def _places(
        self, spans: Sequence[Span], given: Sequence[int], encoding: Encoding
    ) -> list[list[int]]:
        return [
            [s.start, s.end, *encoding.tokens_within(s.start, s.end), self.index(s.label), told]
            for s, told in zip(spans, given, strict=True)
        ]

    def collate(self, values: Sequence[list[list[int]] | None], tokens: Tokens) -> Targets:
        """The spans of all rows.

        ``spans`` (spans, 5): row, start, end, first token, last + 1. ``labels`` and ``given``
        (spans,), the latter -1 where nothing is.
        """
        rows = [[row, *span] for row, spans in enumerate(values) for span in spans or ()]
        table = torch.tensor(rows, dtype=torch.long).view(-1, 7)
        return {"spans": table[:, :5], "labels": table[:, 5], "given": table[:, 6]}

    @property
    def told(self) -> str:
        """The spans, and what is given of them."""
        return "gold spans" + (f", each with its gold {self.given.layer}" if self.given else "")

    @property
    def after(self) -> tuple[Source, ...]:
        """The task that finds the spans, and the one that finds what is given."""
        sources = []
        if self.spans_from:
            sources.append(Source("spans_from", self.spans_from, TokenClassification))
        if self.given and self.given.found_by:
            found_by, labels = self.given.found_by, self.given.labels
            sources.append(Source("given.found_by", found_by, MultiLabelClassification, labels))
        return tuple(sources)

    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """A small network over the span's mean and a summary of its text."""
        return SpanHead(
            hidden_size,
            self.outputs,
            dropout,
            window=self.window,
            attention=self.attention,
            given=len(self.given.labels) if self.given else 0,
        )

    def loss(self, logits: Tensor, targets: Targets) -> tuple[Tensor, Tensor]:
        """Cross-entropy, in which each span counts by its label's weight."""
        weights = [self.label_weights.get(label, 1.0) for label in self.labels]
        labels = targets["labels"]
        total = summed_cross_entropy(logits, labels, logits.new_tensor(weights).float())
        return total, labels.new_tensor(len(labels))

    def build_metrics(self) -> MetricCollection:
        """Accuracy and macro-F1 over all spans, NULL ones included."""
        return classification_metrics(len(self.labels))

    def update(
        self, metrics: MetricCollection, logits: Tensor, tokens: Tokens, targets: Targets
    ) -> None:
        """Counts every span."""
        if len(logits):
            metrics.update(logits, targets["labels"])

    def decode(self, logits: Tensor, tokens: Tokens, targets: Targets) -> list[Any]:
        """The likeliest label of each span of each row; NULL spans have ``start == end``."""
        rows: list[list[SpanPlace]] = [[] for _ in range(len(tokens))]
        for row, *place in targets["spans"].tolist():
            rows[row].append(SpanPlace(*place))
        answers: list[Any] = rounded(self.decoder.answers_of(arrays(logits), rows))
        return answers

    def probabilities(self, logits: Tensor, tokens: Tokens, targets: Targets) -> list[Any]:
        """Of each span of each row."""
        rows: list[list[list[float]]] = [[] for _ in range(len(tokens))]
        places = targets["spans"][:, 0].tolist()
        for row, values in zip(places, fractions(logits.float().softmax(dim=-1)), strict=True):
            rows[row].append(values)
        return list(rows)
