"""Any number of labels for a whole text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypedDict

import torch
from datasets import List, Value
from torch import Tensor
from torch.nn import functional

from arabic_mtl.decoders import MultiLabelDecoder
from arabic_mtl.documents import Example, LabelScore, Prediction, Span, TextPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.model.heads import TEXT_HEADS, Head, Logits, MultiLabelHead, Pooling
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.tasks.base import LabelPair
from arabic_mtl.tasks.labels import LabelTask
from arabic_mtl.tasks.losses import IGNORED
from arabic_mtl.tasks.metrics import MacroF1, MicroF1, TaskMetric
from arabic_mtl.text import Encoding
from arabic_mtl.text.encoding import NO_WORD

_WORDS = 2.0  # the weight of the words' loss beside the text's


class LabelTarget(TypedDict):
    """A labelled text.

    Args:
        labels: Their numbers.
        spans: Of each span of evidence its first token, last + 1, and label; None if the text
            has no such layer.
    """

    labels: list[int]
    spans: list[list[int]] | None


@dataclass(frozen=True, kw_only=True)
class MultiLabelClassification(LabelTask[LabelTarget]):
    """Each label is there or not, such as the aspect categories that a sentence speaks of.

    Args:
        pooling: As in `SequenceClassification`.
        threshold: A label whose probability reaches it is predicted.
        attention: Give each label a look of its own at the text, rather than one summary to all.
        evidence: The layer of spans with the same labels, if there is one: single words are then
            asked for each label as well, which those spans teach; implies `attention`.
    """

    reads: ClassVar[Literal["labels", "spans"]] = "labels"
    column: ClassVar[Any] = {
        "labels": List(Value("int64")),
        "spans": List(List(Value("int64"), length=3)),
    }
    main_metric: ClassVar[str] = "micro_f1"

    pooling: Pooling = "summary"
    threshold: float = 0.5
    attention: bool = False
    evidence: str | None = None

    def __post_init__(self) -> None:
        """Checks the threshold, too."""
        super().__post_init__()
        if not 0 <= self.threshold <= 1:
            raise InputError(
                "a task's threshold is a probability", found=self.threshold, expected="0 to 1"
            )
        if self.pooling == "first" and self._looks:
            raise InputError(
                "labels look at a text in one way",
                found=f"pooling: first, attention: {self.attention}, evidence: {self.evidence}",
                expected="pooling: first alone, or attention and evidence without it",
            )

    @property
    def _looks(self) -> bool:
        """Whether each label has a look of its own."""
        return self.attention or self.evidence is not None

    @property
    def span_layers(self) -> dict[str, str]:
        """That of the evidence."""
        return {"evidence": self.evidence} if self.evidence else {}

    @property
    def identity(self) -> dict[str, object]:
        """The evidence is part of the targets, too."""
        return super().identity | {"evidence": self.evidence}

    @property
    def decoder(self) -> MultiLabelDecoder:
        """The labels that reach the threshold."""
        return MultiLabelDecoder(labels=self.labels, threshold=self.threshold)

    def targets(self, example: Example, encoding: Encoding) -> LabelTarget | None:
        """The text's labels, and the words that speak of them.

        ``labels``: numbers. ``spans``: of each piece of evidence its first token, last + 1, and
        label; None where the text has no such layer.
        """
        labels = self.labels_of(example)
        if labels is None:
            return None
        spans = example.spans.get(self.evidence) if self.evidence else None
        numbers = [self.index(label) for label in labels]
        return {"labels": numbers, "spans": None if spans is None else self._words(spans, encoding)}

    def _words(self, spans: Sequence[Span], encoding: Encoding) -> list[list[int]]:
        places = [
            [*encoding.tokens_within(s.start, s.end), self.index(s.label, self.evidence)]
            for s in spans
            if not s.is_null
        ]
        whole = [0, len(encoding)]  # of a span without tokens
        return [place for place in places if place[:2] != whole]

    def gold(self, target: LabelTarget, encoding: Encoding) -> TextPrediction:
        """Returns the text's labels."""
        return TextPrediction(tuple(LabelScore(self.labels[n]) for n in target["labels"]))

    def items(self, target: LabelTarget, encoding: Encoding) -> int:
        """Returns 1: the text."""
        return 1

    def collate(self, values: Sequence[LabelTarget | None], tokens: Tokens) -> Targets:
        """What is right of the texts, and of their words.

        ``labels`` (rows, labels), 0 or 1; `IGNORED` in unlabelled rows. ``spans`` (spans, 4):
        row, first token, last + 1, label. ``words`` (rows, tokens): as in the tokens, but
        `NO_WORD` in rows of which it is not known what their words speak of.
        """
        labels = torch.full((len(values), len(self.labels)), IGNORED)
        spans, known = [], torch.zeros(len(values), 1, dtype=torch.bool)
        for row, value in enumerate(values):
            if value is not None:
                labels[row] = 0
                labels[row, value["labels"]] = 1
                known[row] = value["spans"] is not None
                spans += [[row, *span] for span in value["spans"] or ()]
        places = torch.tensor(spans, dtype=torch.long).view(-1, 4)
        words = tokens.words.masked_fill(~known.to(tokens.words.device), NO_WORD)
        return {"labels": labels, "spans": places, "words": words}

    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """A linear layer over what `pooling` sees, or attention of each label."""
        if not self._looks:
            return TEXT_HEADS[self.pooling](hidden_size, self.size, dropout)
        return MultiLabelHead(hidden_size, self.size, dropout, evidence=self.evidence is not None)

    def loss(self, logits: Logits, targets: Targets) -> tuple[Tensor, Tensor]:
        """Binary cross-entropy, summed over labels; the items are the labelled rows.

        That of single words is added as the mean over a row's words.
        """
        known = targets["labels"][:, 0] != IGNORED
        total = functional.binary_cross_entropy_with_logits(
            logits["logits"][known].float(), targets["labels"][known].float(), reduction="sum"
        )
        if "words" in logits:
            total = total + self._words_loss(logits["words"], targets)
        return total, known.sum()

    def _words_loss(self, logits: Tensor, targets: Targets) -> Tensor:
        row, first, last, label = targets["spans"].unbind(dim=1)
        place = torch.arange(logits.shape[1], device=logits.device)
        inside = (place >= first[:, None]) & (place < last[:, None])  # (spans, tokens)
        right = torch.zeros_like(logits).transpose(1, 2)
        right.index_put_((row, label), inside.to(logits.dtype), accumulate=True)
        losses = functional.binary_cross_entropy_with_logits(
            logits, right.transpose(1, 2).clamp(max=1), reduction="none"
        )
        words = targets["words"] != NO_WORD
        means = (losses.sum(dim=-1) * words).sum(dim=1) / words.sum(dim=1).clamp(min=1)
        return _WORDS * means.sum()

    def tally(self, targets: Targets) -> Tensor:
        """Returns how many rows have each label: (labels,)."""
        return (targets["labels"] == 1).sum(dim=0)

    def constant(self, tally: Tensor, targets: Targets) -> Logits:
        """Returns the logits of the most frequent label alone for every row."""
        vector = torch.full((self.size,), -10.0, device=targets["labels"].device)
        vector[int(tally.argmax())] = 10.0
        return {"logits": vector.expand_as(targets["labels"])}

    def metrics(self) -> dict[str, TaskMetric]:
        """F1 over all labels together, and averaged over labels."""
        labels, corpora = self.labels, len(self.corpora)
        return {
            "micro_f1": MicroF1(labels, "texts", corpora),
            "macro_f1": MacroF1(labels, "texts", corpora),
        }

    def decisions(self, gold: Prediction, predicted: Prediction) -> Iterator[LabelPair]:
        """Yields one for each label that is gold or predicted."""
        for label, probability, right, found in self._judged(gold, predicted):
            if right or found:
                score = probability if found else 1 - probability
                yield LabelPair(label if right else None, label if found else None, score)

    def confidences(self, gold: Prediction, predicted: Prediction) -> Iterator[tuple[float, bool]]:
        """Yields the probability of every label, predicted or not, and whether it is gold."""
        for _, probability, right, _ in self._judged(gold, predicted):
            yield probability, right

    def _judged(
        self, gold: Prediction, predicted: Prediction
    ) -> Iterator[tuple[str, float, bool, bool]]:
        """Yields each label, its probability, and whether it is gold and predicted."""
        if isinstance(gold, TextPrediction) and isinstance(predicted, TextPrediction):
            right, found = ({each.label for each in p.labels} for p in (gold, predicted))
            for label, score in zip(self.labels, predicted.distribution, strict=True):
                yield label, score, label in right, label in found
