"""A label for each given piece of a text, all pieces of a text in one encoder pass."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import torch
from datasets import List, Value
from torch import Tensor, nn
from torchmetrics import MetricCollection

from arabic_mtl.example import Example, Span
from arabic_mtl.tasks.base import Targets, Task, fraction, fractions
from arabic_mtl.tasks.pooling import masked_mean, text_summary
from arabic_mtl.tasks.sequence import classification_metrics
from arabic_mtl.text import Encoding, Tokens


@dataclass(frozen=True, kw_only=True)
class SpanClassification(Task):
    """One of the labels for each span, such as the polarity towards each opinion target.

    NULL spans are classified from the whole text.

    Args:
        spans_from: The tagging task on the same corpus that finds the spans where none are
            given (predict); a text without any is classified as a whole.
        window: The words on either side of a span that are looked at by themselves.
        attention: Look at the words that a span's own meaning and their distance from it ask for.
        label_weights: Label to the weight of its spans in the loss, where that is not 1.
    """

    reads: ClassVar[Literal["labels", "spans"]] = "spans"
    column: ClassVar[Any] = List(List(Value("int64"), length=5))
    main_metric: ClassVar[str] = "macro_f1"

    spans_from: str | None = None
    window: int = 0
    attention: bool = False
    label_weights: dict[str, float] = field(default_factory=dict)

    def targets(self, example: Example, encoding: Encoding) -> list[list[int]] | None:
        """Per span: start, end, first token, last token + 1, label."""
        spans = example.spans.get(self.layer)
        return None if spans is None else self._places(spans, encoding)

    def items(self, target: list[list[int]], encoding: Encoding) -> int:
        """The spans."""
        return len(target)

    def _places(self, spans: Sequence[Span], encoding: Encoding) -> list[list[int]]:
        return [
            [s.start, s.end, *encoding.tokens_within(s.start, s.end), self.index(s.label)]
            for s in spans
        ]

    def collate(self, values: Sequence[list[list[int]] | None], tokens: Tokens) -> Targets:
        """``spans`` (spans, 5): row, start, end, first token, last + 1; ``labels`` (spans,)."""
        rows = [[row, *span] for row, spans in enumerate(values) for span in spans or ()]
        table = torch.tensor(rows, dtype=torch.long).view(-1, 6)
        return {"spans": table[:, :5], "labels": table[:, 5]}

    @property
    def after(self) -> str | None:
        """The task that finds the spans."""
        return self.spans_from

    def condition(self, targets: Targets, answers: Sequence[Any], tokens: Tokens) -> Targets:
        """The spans that were found; the whole text where there are none. Labels mean nothing."""
        label = self.labels[0]
        values = [
            self._places(
                [Span(s["start"], s["end"], label) for s in found] or [Span(0, 0, label)],
                tokens.encoding(row),
            )
            for row, found in enumerate(answers)
        ]
        device = tokens.input_ids.device
        return {k: v.to(device) for k, v in self.collate(values, tokens).items()}

    def build_head(self, hidden_size: int, dropout: float) -> nn.Module:
        """A small network over the span's mean and a summary of its text."""
        return SpanHead(
            hidden_size, self.outputs, dropout, window=self.window, attention=self.attention
        )

    def loss(self, logits: Tensor, targets: Targets) -> tuple[Tensor, Tensor]:
        """Cross-entropy, in which each span counts by its label's weight."""
        weights = logits.new_tensor([self.label_weights.get(label, 1.0) for label in self.labels])
        total = nn.functional.cross_entropy(
            logits.float(), targets["labels"], weights.float(), reduction="sum"
        )
        return total, targets["labels"].new_tensor(len(targets["labels"]))

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
        rows: list[list[dict[str, Any]]] = [[] for _ in range(len(tokens))]
        scores, best = logits.float().softmax(dim=-1).max(dim=-1)
        places = targets["spans"].tolist()
        for (row, start, end, *_), index, score in zip(places, best.tolist(), scores, strict=True):
            label = self.labels[index]
            rows[row].append({"start": start, "end": end, "label": label, "score": fraction(score)})
        return rows

    def probabilities(self, logits: Tensor, tokens: Tokens, targets: Targets) -> list[Any]:
        """Of each span of each row."""
        rows: list[list[list[float]]] = [[] for _ in range(len(tokens))]
        places = targets["spans"][:, 0].tolist()
        for row, values in zip(places, fractions(logits.float().softmax(dim=-1)), strict=True):
            rows[row].append(values)
        return list(rows)


class SpanHead(nn.Module):
    """Span mean, text summary, NULL flag, and what stands round it → hidden layer → linear.

    Args:
        hidden_size: Of a token's vector.
        outputs: How many labels there are.
        dropout: Of the features and of the hidden layer.
        window: Tokens on either side whose means are features.
        attention: Whether the mean over the text by attention is one.
    """

    def __init__(
        self, hidden_size: int, outputs: int, dropout: float, *, window: int, attention: bool
    ) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.window = window
        parts = 4 + 2 * bool(window) + attention
        self.attention = SpanAttention(hidden_size) if attention else None
        self.hidden = nn.Linear(parts * hidden_size + 1, min(hidden_size, 256))
        self.output = nn.Linear(min(hidden_size, 256), outputs)

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Tensor:
        """(rows, tokens, hidden_size) → logits (spans, outputs)."""
        row, start, end, first, last = targets["spans"].unbind(dim=1)
        mask = tokens.attention_mask
        whole = (first == 0) & (last == mask.sum(dim=1)[row])
        means = _span_means(hidden, row, first, torch.where(whole, first, last))
        means = torch.where(whole[:, None], masked_mean(hidden, mask)[row], means)
        features = [
            means,
            text_summary(hidden, mask)[row],
            (start == end)[:, None].to(hidden.dtype),
        ]
        if self.window:
            nearest, farthest = (first - self.window).clamp(min=0), last + self.window
            farthest = torch.minimum(farthest, mask.sum(dim=1)[row])
            features += [
                _span_means(hidden, row, nearest, torch.where(whole, nearest, first)),
                _span_means(hidden, row, last, torch.where(whole, last, farthest)),
            ]
        if self.attention is not None:
            features.append(self.attention(hidden, mask, means, row, first, last))
        mixed = self.hidden(self.dropout(torch.cat(features, dim=-1)))
        logits: Tensor = self.output(self.dropout(nn.functional.gelu(mixed)))
        return logits


class SpanAttention(nn.Module):
    """A mean over the text, by what a span asks for and how far from it a token is."""

    def __init__(self, hidden_size: int, size: int = 64) -> None:
        super().__init__()
        self.query = nn.Linear(hidden_size, size)
        self.key = nn.Linear(hidden_size, size)
        self.distance = nn.Embedding(21, 1)
        nn.init.zeros_(self.distance.weight)

    def forward(
        self, hidden: Tensor, mask: Tensor, means: Tensor, row: Tensor, first: Tensor, last: Tensor
    ) -> Tensor:
        """(spans, hidden_size)."""
        place = torch.arange(hidden.shape[1], device=hidden.device)
        away = (place - last[:, None] + 1).clamp(min=0) + (place - first[:, None]).clamp(max=0)
        bias = self.distance(away.clamp(-10, 10) + 10)[..., 0]
        scores = torch.einsum("sk,stk->st", self.query(means), self.key(hidden)[row])
        scores = scores * self.query.out_features**-0.5 + bias
        weights = scores.float().masked_fill(~mask[row].bool(), -torch.inf).softmax(dim=1)
        return torch.einsum("st,sth->sh", weights.to(hidden.dtype), hidden[row])


def _span_means(hidden: Tensor, row: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """The mean of the tokens of each range (spans, hidden_size); zero of an empty one."""
    length = last - first
    offset = torch.arange(int(length.max()) if len(length) else 0, device=hidden.device)
    place = (first[:, None] + offset).clamp(max=hidden.shape[1] - 1)  # (spans, longest)
    return masked_mean(hidden[row[:, None], place], offset < length[:, None])
