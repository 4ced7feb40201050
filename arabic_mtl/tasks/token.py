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
from arabic_mtl.documents import Example, Prediction, Span, SpanPrediction, SpansPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import Head, Logits, TokenHead, split_outputs
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.tasks import losses
from arabic_mtl.tasks.base import LabelPair
from arabic_mtl.tasks.inexpressible import NULL, count_reasons, is_lossless, reason_dropped
from arabic_mtl.tasks.labels import LabelTask
from arabic_mtl.tasks.layers import spans_by_layer
from arabic_mtl.tasks.losses import IGNORED, summed_cross_entropy
from arabic_mtl.tasks.metrics import MicroF1, TaskMetric, WordAccuracy
from arabic_mtl.tasks.overlaps import Overlaps, require_no_overlap, select
from arabic_mtl.text import Encoding

_LONGEST_TRIM = 8  # letters


class TagTarget(TypedDict):
    """A text with labelled spans.

    Args:
        words: First word, last word, trims at both ends and label of each span that is learned
            (`arabic_mtl.decoders.bio.align`).
        gold: Start, end and label of each span, including those that are not learned.
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
        overlaps: The spans to learn where spans overlap, in a layer or between the task's layers:
            ``outermost`` (the longest first), ``innermost`` (the shortest first) or ``first`` (the
            first to start); of spans with equal offsets that of the first layer, with
            ``innermost`` that of the last. By default, overlapping spans are refused. All spans
            count as gold in evaluation, whether they are learned or not. ``cut`` is for runs from
            before this option: all spans are learned, less the words of the spans before them.
    """

    reads: ClassVar[Literal["labels", "spans"]] = "spans"
    column: ClassVar[Any] = {
        "words": List(List(Value("int64"), length=5)),
        "gold": List(List(Value("int64"), length=3)),
    }
    main_metric: ClassVar[str] = "f1"

    trim: int = 3
    crf: bool = False
    overlaps: Overlaps | None = None

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
        """Returns the common options that `targets` depends on, the trim and any `overlaps`."""
        rule = {} if self.overlaps is None else {"overlaps": self.overlaps}
        return super().identity | {"trim": self.trim} | rule

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

        Raises:
            InputError: If a label is not declared, or spans overlap without a rule in `overlaps`.
        """
        layers = spans_by_layer(example, self.layers)
        if layers is None:
            return None
        gold = [
            [span.start, span.end, self.index(span.label)] for span in self.spans_of(example) or ()
        ]
        kept = select(layers, self.overlaps or "cut")
        if self.overlaps is None:
            require_no_overlap(example.text, kept, self.layers)
        return {"words": self._align(kept, encoding), "gold": gold}

    def inexpressible(
        self, example: Example, encoding: Encoding, target: TagTarget | None = None
    ) -> Counter[str]:
        """Returns the number of spans that BIO tags and trims cannot express, by reason.

        Duplicates count once. The spans that `overlaps` drops count with its rule. Without a rule,
        overlapping spans are no error here: those count that ``first`` would drop.

        Args:
            example: The example.
            encoding: Its tokens.
            target: The example's value of `targets`, if it is known; saves time.
        """
        if target and is_lossless(target["words"], target["gold"], encoding):
            return Counter()
        layers = spans_by_layer(example, self.layers) or []
        spans = {span for layer in layers for span in layer}
        if not spans:
            return Counter()
        kept = select(layers, self.overlaps or "first")
        rows = self._align(kept, encoding) if target is None else target["words"]
        null = sum(span.is_null for span in spans)
        dropped = {NULL: null, reason_dropped(self.overlaps): len(spans) - null - len(kept)}
        return +Counter(dropped) + count_reasons(kept, rows, encoding, self.labels)

    def _align(
        self, spans: Sequence[Span], encoding: Encoding
    ) -> list[tuple[int, int, int, int, int]]:
        """Returns spans in words (`arabic_mtl.decoders.bio.align`)."""
        rows = [(span.start, span.end, self.index(span.label)) for span in spans]
        if not rows:  # saves the time to find the words
            return []
        return bio.align(encoding.words, rows, frozenset(encoding.mark_offsets), self.trim)

    def gold(self, target: TagTarget, encoding: Encoding) -> SpansPrediction:
        """Returns the spans and the tags of all words."""
        spans = [SpanPrediction(a, b, self.labels[label]) for a, b, label in target["gold"]]
        tags = bio.encode(self.items(target, encoding), target["words"])
        return SpansPrediction(tuple(spans), tuple(tags))

    def items(self, target: TagTarget, encoding: Encoding) -> int:
        """Returns the number of words."""
        return len(encoding.words.tokens)

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

    def output_flags(self, annotated: Tensor, targets: Targets) -> Targets:
        """Returns the flags of the tags: O, and B and I of each annotated label."""
        outside = annotated.new_ones(len(annotated), 1)
        return {"tags": torch.cat([outside, annotated.repeat_interleave(2, dim=1)], dim=1)}

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
            **self.scored_metrics("predicted spans"),
        }

    def decisions(self, gold: Prediction, predicted: Prediction) -> Iterator[LabelPair]:
        """Yields one decision for each gold or predicted span, of which equal ones count once.

        A gold and a predicted span with the same offsets and other labels are one confusion.
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


def tag_loss(logits: Logits, labels: Tensor) -> Tensor:
    """Returns the summed loss of gold tags (rows, tokens), `IGNORED` for tokens without one."""
    if "transitions" not in logits:
        return summed_cross_entropy(logits["tags"], labels)
    words, lengths = losses.masked_positions(labels != IGNORED)
    scores = losses.gather_tokens(logits["tags"], words)
    tags = labels.gather(1, words).clamp(min=0)
    return losses.negative_log_likelihood(scores, logits["transitions"], tags, lengths).sum()
