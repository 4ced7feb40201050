"""Finding labelled pieces of a text by tagging its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from datasets import List, Value
from torch import Tensor
from torchmetrics import MetricCollection
from torchmetrics.classification import MulticlassAccuracy

from arabic_mtl.decoders import TagDecoder, bio
from arabic_mtl.decoders.token import decide
from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import Head, Tagging, TokenHead
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.tasks import losses
from arabic_mtl.tasks.base import Task, arrays
from arabic_mtl.tasks.losses import IGNORED, summed_cross_entropy
from arabic_mtl.tasks.metrics import SpanF1
from arabic_mtl.text import Encoding

_LONGEST_TRIM = 8


@dataclass(frozen=True, kw_only=True)
class TokenClassification(Task):
    """Non-overlapping spans of a text, found by BIO tags on its words.

    Every word is tagged at its first token. Where Arabic writes several words as one, a span
    begins or ends inside: the head also says how many letters of its first word a span leaves
    out, and how many of its last. Of والغرفة it can say الغرفة, whatever the tokenizer.

    Args:
        trim: The most letters that a span leaves out at either end; 0 keeps spans to whole words.
        crf: Tag the words of a text together, by a linear chain, rather than each by itself.
    """

    reads: ClassVar[Literal["labels", "spans"]] = "spans"
    column: ClassVar[Any] = {
        "words": List(List(Value("int64"), length=5)),
        "gold": List(List(Value("int64"), length=3)),
    }
    main_metric: ClassVar[str] = "f1"

    trim: int = 3
    crf: bool = False

    def __post_init__(self) -> None:
        """Checks what can be checked without the data."""
        super().__post_init__()
        if not 0 <= self.trim <= _LONGEST_TRIM:
            raise InputError(
                "a span leaves out a few letters of a word",
                found=f"trim: {self.trim}",
                expected=f"0 to {_LONGEST_TRIM}",
            )

    @property
    def identity(self) -> dict[str, Any]:
        """The longest trim decides the targets, too."""
        return super().identity | {"trim": self.trim}

    @property
    def tags(self) -> int:
        """O, then B and I of each label."""
        return 1 + 2 * len(self.labels)

    @property
    def outputs(self) -> int:
        """The tags, the letters left out at a span's start, and those at its end."""
        return self.tags + 2 * (self.trim + 1)

    @property
    def decoder(self) -> TagDecoder:
        """The spans that the tags make."""
        return TagDecoder(labels=self.labels)

    def targets(self, example: Example, encoding: Encoding) -> dict[str, Any] | None:
        """Spans in words and in raw characters.

        ``words``: first and last word, letters left out at both ends, label. ``gold``: start,
        end, label.
        """
        spans = example.spans.get(self.layer)
        if spans is None:
            return None
        gold = [[span.start, span.end, self.index(span.label)] for span in spans]
        words = bio.words(encoding.starts, encoding.ends, encoding.words)
        marks = frozenset(encoding.marks)
        return {"words": bio.align(words, gold, marks, self.trim), "gold": gold}

    def items(self, target: dict[str, Any], encoding: Encoding) -> int:
        """The words."""
        return len(bio.first_tokens(encoding.words))

    def collate(self, values: Sequence[dict[str, Any] | None], tokens: Tokens) -> Targets:
        """What is right of each token, and the raw spans.

        ``labels`` (rows, tokens, 3): tag, and at both ends of a span the letters left out.
        ``gold`` (spans, 4): row, start, end, label.
        """
        labels = np.full((*tokens.input_ids.shape, 3), IGNORED)  # quicker to fill than a tensor
        for row, value in enumerate(values):
            if value is not None:
                first = bio.first_tokens(tokens.words[row].tolist())
                labels[row, first, 0] = bio.encode(len(first), value["words"])
                for start, end, before, behind, _ in value["words"]:
                    labels[row, first[start], 1], labels[row, first[end], 2] = before, behind
        gold = [[row, *span] for row, v in enumerate(values) if v for span in v["gold"]]
        table = torch.tensor(gold, dtype=torch.long).view(-1, 4)
        return {"labels": torch.from_numpy(labels), "gold": table}

    def loss(self, logits: Tagging, targets: Targets) -> tuple[Tensor, Tensor]:
        """The loss of the tags, and of the letters left out; counted are the tagged words."""
        tags, before, behind = targets["labels"].unbind(dim=-1)
        trims, _ = super().loss(logits.before, {"labels": before})
        ends, _ = super().loss(logits.behind, {"labels": behind})
        return tag_loss(logits, tags) + trims + ends, (tags != IGNORED).sum()

    def frequencies(self, targets: Targets) -> Tensor:
        """How often each tag is right; a majority that tags nothing needs no more: (outputs,)."""
        tags = super().frequencies({"labels": targets["labels"][..., 0]})
        return torch.cat([tags[: self.tags], tags.new_zeros(self.outputs - self.tags)])

    def constant(self, output: int, targets: Targets) -> Tagging:
        """The logits of a model that always says the same."""
        flat = super().constant(output, {"labels": targets["labels"][..., 0]})
        return Tagging.of(flat, self.trim)

    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """A linear layer on each token."""
        return TokenHead(hidden_size, self.tags, self.trim, dropout, chain=self.crf)

    def build_metrics(self) -> MetricCollection:
        """F1 of labelled spans and of bare ones, both exact, and accuracy over words."""
        accuracy = MulticlassAccuracy(self.tags, average="micro", ignore_index=IGNORED)
        return MetricCollection(
            {
                "f1": SpanF1(labelled=True),
                "span_f1": SpanF1(labelled=False),
                "accuracy": accuracy,
            },
            compute_groups=False,  # the two kinds take different arguments
        )

    def update(
        self, metrics: MetricCollection, logits: Tagging, tokens: Tokens, targets: Targets
    ) -> None:
        """Compares decoded spans with the raw gold spans, and tags with tags."""
        best, _ = decide(arrays(logits), tokens.words.cpu().numpy())
        found = [
            [row, span["start"], span["end"], self.labels.index(span["label"])]
            for row, spans in enumerate(self.decode(logits, tokens, targets))
            for span in spans
        ]
        metrics.update(
            found=torch.tensor(found, dtype=torch.long).view(-1, 4),
            truth=targets["gold"],
            preds=torch.from_numpy(best).to(logits.tags.device).flatten(),
            target=targets["labels"][..., 0].flatten(),
        )


def tag_loss(logits: Tagging, labels: Tensor) -> Tensor:
    """The summed loss of the right tags (rows, tokens), `IGNORED` where a token has none."""
    if logits.transitions is None:
        return summed_cross_entropy(logits.tags, labels)
    words, lengths = losses.words_of(labels != IGNORED)
    scores, right = losses.at(logits.tags, words), labels.gather(1, words).clamp(min=0)
    return losses.negative_log_likelihood(scores, logits.transitions, right, lengths).sum()
