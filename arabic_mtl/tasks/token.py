"""Finding labelled spans of a text by tagging its words."""

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

_LONGEST_TRIM = 8


class TagTarget(TypedDict):
    """A text with labelled spans.

    Args:
        words: Of each span its first and last word, letters left out at both ends, label.
        gold: Of each span start, end, label.
    """

    words: Sequence[Sequence[int]]
    gold: list[list[int]]


@dataclass(frozen=True, kw_only=True)
class TokenClassification(LabelTask[TagTarget]):
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
    def identity(self) -> dict[str, object]:
        """The longest trim decides the targets, too."""
        return super().identity | {"trim": self.trim}

    @property
    def tags(self) -> int:
        """O, then B and I of each label."""
        return 1 + 2 * len(self.labels)

    @property
    def size(self) -> int:
        """The tags, the letters left out at a span's start, and those at its end."""
        return self.tags + 2 * (self.trim + 1)

    @property
    def decoder(self) -> TokenDecoder:
        """The spans that the tags make."""
        return TokenDecoder(labels=self.labels)

    def targets(self, example: Example, encoding: Encoding) -> TagTarget | None:
        """Spans in words and in raw characters.

        ``words``: first and last word, letters left out at both ends, label. ``gold``: start,
        end, label.
        """
        spans = self.spans_of(example)
        if spans is None:
            return None
        gold = [[span.start, span.end, self.index(span.label)] for span in spans]
        words = bio.words(encoding.starts, encoding.ends, encoding.words)
        marks = frozenset(encoding.marks)
        return {"words": bio.align(words, gold, marks, self.trim), "gold": gold}

    def inexpressible(self, example: Example, encoding: Encoding) -> Counter[str]:
        """Returns how many spans BIO tags and trims cannot give back, by reason."""
        target = self.targets(example, encoding)
        if target is None:
            return Counter()
        words = bio.words(encoding.starts, encoding.ends, encoding.words)
        marks = frozenset(encoding.marks)
        kept = {
            (*bio.trimmed(words[first], words[last], before, behind, marks), label)
            for first, last, before, behind, label in target["words"]
        }
        gold = {tuple(span) for span in target["gold"]}
        return Counter(_reason(span, gold) for span in sorted(gold - kept))

    def gold(self, target: TagTarget, encoding: Encoding) -> SpansPrediction:
        """Returns the spans, and the tags of all words."""
        spans = [SpanPrediction(s, e, self.labels[label]) for s, e, label in target["gold"]]
        words = len(bio.first_tokens(encoding.words))
        return SpansPrediction(tuple(spans), tuple(bio.encode(words, target["words"])))

    def items(self, target: TagTarget, encoding: Encoding) -> int:
        """Returns the number of words."""
        return len(bio.first_tokens(encoding.words))

    def collate(self, values: Sequence[TagTarget | None], tokens: Tokens) -> Targets:
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

    def loss(self, logits: Logits, targets: Targets) -> tuple[Tensor, Tensor]:
        """The loss of the tags, and of the letters left out; counted are the tagged words."""
        tags, before, behind = targets["labels"].unbind(dim=-1)
        trims = summed_cross_entropy(logits["before"], before)
        ends = summed_cross_entropy(logits["behind"], behind)
        return tag_loss(logits, tags) + trims + ends, (tags != IGNORED).sum()

    def tally(self, targets: Targets) -> Tensor:
        """Returns how often each tag is gold; letters that are left out count nothing: (size,)."""
        tags = super().tally({"labels": targets["labels"][..., 0]})
        return torch.cat([tags[: self.tags], tags.new_zeros(self.size - self.tags)])

    def constant(self, tally: Tensor, targets: Targets) -> Logits:
        """Returns the logits of the most frequent tag for every token."""
        flat = super().constant(tally, {"labels": targets["labels"][..., 0]})
        return split_outputs(flat["logits"], self.trim)

    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """A linear layer on each token."""
        return TokenHead(hidden_size, self.tags, self.trim, dropout, chain=self.crf)

    def metrics(self) -> dict[str, TaskMetric]:
        """F1 of labelled spans and of bare ones, both exact, and accuracy over words."""
        corpora = len(self.corpora)
        return {
            "f1": MicroF1(self.labels, "found spans", corpora),
            "span_f1": MicroF1((), "found spans", corpora),
            "accuracy": WordAccuracy(corpora),
        }

    def decisions(self, gold: Prediction, predicted: Prediction) -> Iterator[LabelPair]:
        """Yields one for each gold or predicted span.

        Spans are sets, as in their F1: equal ones are right, those at one place are confused.
        """
        if isinstance(gold, SpansPrediction) and isinstance(predicted, SpansPrediction):
            yield from _paired(gold, predicted)


def _paired(gold: SpansPrediction, predicted: SpansPrediction) -> Iterator[LabelPair]:
    right = {(span.start, span.end, span.label) for span in gold.spans}
    found = {(span.start, span.end, span.label): span.score for span in predicted.spans}
    places: dict[tuple[int, int], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for start, end, label in sorted(right):
        if (start, end, label) in found:
            yield LabelPair(label, label, found[start, end, label], (start, end))
        else:
            places[start, end][0].append(label)
    for start, end, label in sorted(found.keys() - right):
        places[start, end][1].append(label)
    for place, labels in places.items():
        for missed, spurious in zip_longest(*labels):
            score = None if spurious is None else found[*place, spurious]
            yield LabelPair(missed, spurious, score, place)


def _reason(span: Sequence[int], gold: set[tuple[int, ...]]) -> str:
    """Returns why a span cannot be given back."""
    start, end, _ = span
    if start == end:
        return "NULL"
    if any(other != tuple(span) and other[0] < end and start < other[1] for other in gold):
        return "overlapping or nested"
    return "beginning or ending inside a word"


def tag_loss(logits: Logits, labels: Tensor) -> Tensor:
    """The summed loss of the right tags (rows, tokens), `IGNORED` where a token has none."""
    if "transitions" not in logits:
        return summed_cross_entropy(logits["tags"], labels)
    words, lengths = losses.words_of(labels != IGNORED)
    scores, right = losses.at(logits["tags"], words), labels.gather(1, words).clamp(min=0)
    return losses.negative_log_likelihood(scores, logits["transitions"], right, lengths).sum()
