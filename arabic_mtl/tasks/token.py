"""Finding labelled pieces of a text by tagging its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from datasets import List, Value
from torch import Tensor, nn
from torchmetrics import MetricCollection
from torchmetrics.classification import MulticlassAccuracy

from arabic_mtl.example import Example
from arabic_mtl.metrics import SpanF1
from arabic_mtl.tasks import bio
from arabic_mtl.tasks.base import IGNORED, Targets, Task, fraction
from arabic_mtl.text import Encoding, Tokens


@dataclass(frozen=True, kw_only=True)
class TokenClassification(Task):
    """Non-overlapping spans of a text, found by BIO tags on its words.

    Every word is tagged at its first token. A word is what the tokenizer's pre-tokenizer makes
    one, so that a span can start and end wherever a word does.
    """

    reads: ClassVar[Literal["labels", "spans"]] = "spans"
    column: ClassVar[Any] = {
        "tags": List(Value("int64")),
        "gold": List(List(Value("int64"), length=3)),
    }
    main_metric: ClassVar[str] = "f1"

    @property
    def outputs(self) -> int:
        """O, then B and I of each label."""
        return 1 + 2 * len(self.labels)

    def targets(self, example: Example, encoding: Encoding) -> dict[str, Any] | None:
        """``tags``: one per token; ``gold``: raw spans as (start, end, label)."""
        spans = example.spans.get(self.layer)
        if spans is None:
            return None
        gold = [[span.start, span.end, self.index(span.label)] for span in spans]
        words = bio.words(encoding.starts, encoding.ends, encoding.words)
        tags = [IGNORED] * len(encoding.input_ids)
        for word, tag in zip(words, bio.encode(words, gold), strict=True):
            tags[word.token] = tag
        return {"tags": tags, "gold": gold}

    def collate(self, values: Sequence[dict[str, Any] | None], tokens: Tokens) -> Targets:
        """``labels`` (rows, tokens); ``gold`` (spans, 4): row, start, end, label."""
        labels = torch.full((len(values), tokens.input_ids.shape[1]), IGNORED)
        for row, value in enumerate(values):
            if value is not None:
                labels[row, : len(value["tags"])] = torch.tensor(value["tags"])
        gold = [[row, *span] for row, v in enumerate(values) if v for span in v["gold"]]
        return {"labels": labels, "gold": torch.tensor(gold, dtype=torch.long).view(-1, 4)}

    def build_head(self, hidden_size: int, dropout: float) -> nn.Module:
        """A linear layer on each token."""
        return TokenHead(hidden_size, self.outputs, dropout)

    def build_metrics(self) -> MetricCollection:
        """F1 of labelled spans and of bare ones, both exact, and accuracy over words."""
        accuracy = MulticlassAccuracy(self.outputs, average="micro", ignore_index=IGNORED)
        return MetricCollection(
            {
                "f1": SpanF1(labelled=True),
                "span_f1": SpanF1(labelled=False),
                "accuracy": accuracy,
            },
            compute_groups=False,  # the two kinds take different arguments
        )

    def update(
        self, metrics: MetricCollection, logits: Tensor, tokens: Tokens, targets: Targets
    ) -> None:
        """Compares decoded spans with the raw gold spans, and tags with tags."""
        found = [
            [row, span["start"], span["end"], self.labels.index(span["label"])]
            for row, spans in enumerate(self.decode(logits, tokens, targets))
            for span in spans
        ]
        metrics.update(
            found=torch.tensor(found, dtype=torch.long).view(-1, 4),
            truth=targets["gold"],
            preds=logits.flatten(0, 1),
            target=targets["labels"].flatten(),
        )

    def decode(self, logits: Tensor, tokens: Tokens, targets: Targets) -> list[Any]:
        """The spans of each row, in order, each with its least certain word's probability."""
        scores, tags = logits.float().softmax(dim=-1).max(dim=-1)
        rows = zip(
            *(part.tolist() for part in (tokens.starts, tokens.ends, tokens.words, tags)),
            scores,
            strict=True,
        )
        return [self._spans(bio.words(*places), tag, score) for *places, tag, score in rows]

    def _spans(self, words: list[bio.Word], tags: list[int], scores: Tensor) -> list[Any]:
        spans = bio.decode([tags[word.token] for word in words])
        return [
            {
                "start": words[first].start,
                "end": words[last].end,
                "label": self.labels[label],
                "score": fraction(scores[[w.token for w in words[first : last + 1]]].min()),
            }
            for first, last, label in spans
        ]


class TokenHead(nn.Module):
    """Dropout → linear, token by token."""

    def __init__(self, hidden_size: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, outputs)

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Tensor:
        """(rows, tokens, hidden_size) → logits (rows, tokens, outputs)."""
        logits: Tensor = self.output(self.dropout(hidden))
        return logits
