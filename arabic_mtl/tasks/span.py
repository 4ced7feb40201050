"""A label for each given piece of a text, all pieces of a text in one encoder pass."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    """

    reads: ClassVar[Literal["labels", "spans"]] = "spans"
    column: ClassVar[Any] = List(List(Value("int64"), length=5))
    main_metric: ClassVar[str] = "macro_f1"

    spans_from: str | None = None

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
        return SpanHead(hidden_size, self.outputs, dropout)

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
    """Span mean, text summary and a NULL flag → dropout → hidden layer → linear."""

    def __init__(self, hidden_size: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(4 * hidden_size + 1, hidden_size)
        self.output = nn.Linear(hidden_size, outputs)

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Tensor:
        """(rows, tokens, hidden_size) → logits (spans, outputs)."""
        row, start, end, first, last = targets["spans"].unbind(dim=1)
        mask = tokens.attention_mask
        whole = (first == 0) & (last == mask.sum(dim=1)[row])
        means = _span_means(hidden, row, first, last, whole)
        features = [
            torch.where(whole[:, None], masked_mean(hidden, mask)[row], means),
            text_summary(hidden, mask)[row],
            (start == end)[:, None].to(hidden.dtype),
        ]
        mixed = self.hidden(self.dropout(torch.cat(features, dim=-1)))
        logits: Tensor = self.output(self.dropout(nn.functional.gelu(mixed)))
        return logits


def _span_means(hidden: Tensor, row: Tensor, first: Tensor, last: Tensor, whole: Tensor) -> Tensor:
    """The mean of each span's tokens (spans, hidden_size); anything where a span is the whole."""
    length = torch.where(whole, 0, last - first)
    offset = torch.arange(int(length.max()) if len(length) else 0, device=hidden.device)
    place = (first[:, None] + offset).clamp(max=hidden.shape[1] - 1)  # (spans, longest)
    return masked_mean(hidden[row[:, None], place], offset < length[:, None])
