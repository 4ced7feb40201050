"""Span tagging: labelled spans of a text from BIO tags on its words."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, ClassVar, Literal, TypedDict

import numpy as np
import torch
from datasets import List, Value
from torch import Tensor

from arabic_mtl.decoders import TokenDecoder, bio
from arabic_mtl.documents import Example, Prediction, SpanPrediction, SpansPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import Head, Logits, TokenHead, split_outputs
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.tasks import losses
from arabic_mtl.tasks.base import LabelPair
from arabic_mtl.tasks.labels import LabelTask
from arabic_mtl.tasks.losses import IGNORED, summed_cross_entropy
from arabic_mtl.tasks.metrics import MicroF1, TaskMetric, WordAccuracy
from arabic_mtl.text import Encoding

_LONGEST_TRIM = 8  # letters


class TagTarget(TypedDict):
    """A text with labelled spans.

    Args:
        words: First word, last word, trims at both ends and label of each span that words can
            express (`arabic_mtl.decoders.bio.align`).
        gold: Start, end and label of each span.
    """

    words: Sequence[Sequence[int]]
    gold: list[list[int]]


@dataclass(frozen=True, kw_only=True)
class TokenClassification(LabelTask[TagTarget]):
    """Tagging of non-overlapping labelled spans by BIO tags on words.

    Every word is tagged at its first token. Arabic writes clitics and words as one, so that a
    span may begin or end inside a word. Therefore the head also predicts the number of letters
    that a span leaves out of its first and of its last word: in والغرفة, the span can be الغرفة,
    with any tokenizer.

    Args:
        trim: The largest number of letters that a span leaves out at either end, 0 to 8; with 0,
            spans consist of whole words.
        crf: Whether the words of a text are tagged jointly by a linear-chain CRF, rather than
            each word on its own.
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
        """Checks the labels and the trim."""
        super().__post_init__()
        if not 0 <= self.trim <= _LONGEST_TRIM:
            raise InputError(
                f"`trim` must be 0 to {_LONGEST_TRIM} letters",
                found=f"trim: {self.trim}",
                expected=f"0 to {_LONGEST_TRIM}",
            )

    @property
    def identity(self) -> dict[str, object]:
        """Returns the common options that `targets` depends on, and the trim."""
        return super().identity | {"trim": self.trim}

    @property
    def tags(self) -> int:
        """Returns the number of tags: O, then B and I of each label."""
        return 1 + 2 * len(self.labels)

    @property
    def size(self) -> int:
        """Returns the number of logits for a token: tags, and trims at both ends."""
        return self.tags + 2 * (self.trim + 1)

    @property
    def decoder(self) -> TokenDecoder:
        """Returns the decoder from tags and trims to spans."""
        return TokenDecoder(labels=self.labels)

    def targets(self, example: Example, encoding: Encoding) -> TagTarget | None:
        """Returns the spans in words and in raw characters (`TagTarget`).

        Returns None for an unlabelled text.
        """
        spans = self.spans_of(example)
        if spans is None:
            return None
        gold = [[span.start, span.end, self.index(span.label)] for span in spans]
        if not gold:
            return {"words": [], "gold": []}
        words = bio.word_offsets(encoding.starts, encoding.ends, encoding.word_ids)
        marks = frozenset(encoding.mark_offsets)
        return {"words": bio.align(words, gold, marks, self.trim), "gold": gold}

    def inexpressible(self, example: Example, encoding: Encoding) -> Counter[str]:
        """Returns the number of spans that BIO tags and trims cannot express, by reason."""
        target = self.targets(example, encoding)
        if target is None:
            return Counter()
        words = bio.words(encoding.starts, encoding.ends, encoding.word_ids)
        marks = frozenset(encoding.mark_offsets)
        kept = {
            (*bio.trim(words[first], words[last], trim_start, trim_end, marks), label)
            for first, last, trim_start, trim_end, label in target["words"]
        }
        gold = {tuple(span) for span in target["gold"]}
        return Counter(_reason(span, gold) for span in sorted(gold - kept))

    def gold(self, target: TagTarget, encoding: Encoding) -> SpansPrediction:
        """Returns the spans and the tags of all words."""
        spans = [
            SpanPrediction(start, end, self.labels[label]) for start, end, label in target["gold"]
        ]
        words = len(bio.first_tokens(encoding.word_ids))
        return SpansPrediction(tuple(spans), tuple(bio.encode(words, target["words"])))

    def items(self, target: TagTarget, encoding: Encoding) -> int:
        """Returns the number of words."""
        return len(bio.first_tokens(encoding.word_ids))

    def collate(self, values: Sequence[TagTarget | None], tokens: Tokens) -> Targets:
        """Joins the values of `targets` for the rows of a batch.

        Returns:
            ``labels`` (rows, tokens, 3): tag, trim at a span's start, trim at its end; `IGNORED`
            for tokens without one. ``gold`` (spans, 4): row, start, end, label.
        """
        labels = np.full((*tokens.input_ids.shape, 3), IGNORED)  # faster to fill than a tensor
        for row, value in enumerate(values):
            if value is not None:
                first = bio.first_tokens(tokens.word_ids[row].tolist())
                labels[row, first, 0] = bio.encode(len(first), value["words"])
                for start, end, trim_start, trim_end, _ in value["words"]:
                    labels[row, first[start], 1] = trim_start
                    labels[row, first[end], 2] = trim_end
        gold = [[row, *span] for row, value in enumerate(values) if value for span in value["gold"]]
        table = torch.tensor(gold, dtype=torch.long).view(-1, 4)
        return {"labels": torch.from_numpy(labels), "gold": table}

    def loss(self, logits: Logits, targets: Targets) -> tuple[Tensor, Tensor]:
        """Returns the loss of tags and trims, and the number of labelled words."""
        tags, trim_start, trim_end = targets["labels"].unbind(dim=-1)
        starts = summed_cross_entropy(logits["trim_start"], trim_start)
        ends = summed_cross_entropy(logits["trim_end"], trim_end)
        return tag_loss(logits, tags) + starts + ends, (tags != IGNORED).sum()

    def tally(self, targets: Targets) -> Tensor:
        """Returns the frequency of each gold tag (size,); the counts of trims are 0."""
        tags = super().tally({"labels": targets["labels"][..., 0]})
        return torch.cat([tags[: self.tags], tags.new_zeros(self.size - self.tags)])

    def constant(self, tally: Tensor, targets: Targets) -> Logits:
        """Returns logits that favour the most frequent tag, for every token."""
        flat = super().constant(tally, {"labels": targets["labels"][..., 0]})
        return split_outputs(flat["logits"], self.trim)

    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """Builds a linear layer on each token, with a CRF if `crf`."""
        return TokenHead(hidden_size, self.tags, self.trim, dropout, chain=self.crf)

    def metrics(self) -> dict[str, TaskMetric]:
        """Returns exact-match F1 of spans with and without labels, and accuracy over words."""
        corpora = len(self.corpora)
        return {
            "f1": MicroF1(self.labels, "predicted spans", corpora),
            "span_f1": MicroF1((), "predicted spans", corpora),
            "accuracy": WordAccuracy(corpora),
        }

    def decisions(self, gold: Prediction, predicted: Prediction) -> Iterator[LabelPair]:
        """Yields one decision for each gold or predicted span.

        Equal spans count once, as in F1. A gold and a predicted span with the same offsets and
        different labels are one decision, a confusion.
        """
        if isinstance(gold, SpansPrediction) and isinstance(predicted, SpansPrediction):
            yield from _paired(gold, predicted)


def _paired(gold: SpansPrediction, predicted: SpansPrediction) -> Iterator[LabelPair]:
    expected = {(span.start, span.end, span.label) for span in gold.spans}
    scores = {(span.start, span.end, span.label): span.score for span in predicted.spans}
    wrong: dict[tuple[int, int], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for start, end, label in sorted(expected):
        if (start, end, label) in scores:
            yield LabelPair(label, label, scores[start, end, label], (start, end))
        else:
            wrong[start, end][0].append(label)
    for start, end, label in sorted(scores.keys() - expected):
        wrong[start, end][1].append(label)
    for offsets, labels in wrong.items():
        for missed, spurious in zip_longest(*labels):
            score = None if spurious is None else scores[*offsets, spurious]
            yield LabelPair(missed, spurious, score, offsets)


def _reason(span: Sequence[int], gold: set[tuple[int, ...]]) -> str:
    """Returns the reason why tags and trims cannot express a span."""
    start, end, _ = span
    if start == end:
        return "NULL"
    if any(other != tuple(span) and other[0] < end and start < other[1] for other in gold):
        return "overlapping or nested"
    return "beginning or ending inside a word"


def tag_loss(logits: Logits, labels: Tensor) -> Tensor:
    """Returns the summed loss of gold tags (rows, tokens), `IGNORED` for tokens without one."""
    if "transitions" not in logits:
        return summed_cross_entropy(logits["tags"], labels)
    words, lengths = losses.masked_positions(labels != IGNORED)
    scores = losses.gather_tokens(logits["tags"], words)
    tags = labels.gather(1, words).clamp(min=0)
    return losses.negative_log_likelihood(scores, logits["transitions"], tags, lengths).sum()
