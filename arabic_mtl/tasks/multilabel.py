"""Multi-label classification: any number of labels for a text."""

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

_WORDS = 2.0  # the weight of the words' loss relative to the text's


class LabelTarget(TypedDict):
    """A labelled text.

    Args:
        labels: The indices of the text's labels.
        spans: First token, last token + 1 and label of each span of evidence; None if the text
            has no evidence layer.
    """

    labels: list[int]
    spans: list[list[int]] | None


@dataclass(frozen=True, kw_only=True)
class MultiLabelClassification(LabelTask[LabelTarget]):
    """Classification of texts with any number of labels, such as a sentence's aspect categories.

    Args:
        pooling: The vector of a text that the head reads; as in `SequenceClassification`.
        threshold: The least probability of a predicted label, 0 to 1.
        attention: Whether each label pools the text by its own attention weights, rather than
            all labels sharing the vector of `pooling`.
        evidence: A layer of spans with the same labels. Single words are then classified as
            well, with these spans as gold; implies `attention`.
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
        """Checks the labels, the threshold and the pooling."""
        super().__post_init__()
        if not 0 <= self.threshold <= 1:
            raise InputError(
                "`threshold` must be a probability", found=self.threshold, expected="0 to 1"
            )
        if self.pooling == "first" and self._uses_attention:
            raise InputError(
                "`pooling: first` must not be combined with `attention` or `evidence`",
                found=f"pooling: first, attention: {self.attention}, evidence: {self.evidence}",
                expected="pooling: first alone, or attention and evidence without it",
            )

    @property
    def _uses_attention(self) -> bool:
        """Returns whether each label pools the text by its own attention weights."""
        return self.attention or self.evidence is not None

    @property
    def span_layers(self) -> dict[str, str]:
        """Returns the layer of evidence, if any."""
        return {"evidence": self.evidence} if self.evidence else {}

    @property
    def identity(self) -> dict[str, object]:
        """Returns the common options that `targets` depends on, and the layer of evidence."""
        return super().identity | {"evidence": self.evidence}

    @property
    def decoder(self) -> MultiLabelDecoder:
        """Returns the decoder to the labels that reach the threshold."""
        return MultiLabelDecoder(labels=self.labels, threshold=self.threshold)

    def targets(self, example: Example, encoding: Encoding) -> LabelTarget | None:
        """Returns the text's labels and their evidence (`LabelTarget`).

        Returns None for an unlabelled text. Evidence that is NULL or covers no token is left out.
        """
        labels = self.labels_of(example)
        if labels is None:
            return None
        spans = example.spans.get(self.evidence) if self.evidence else None
        indices = [self.index(label) for label in labels]
        evidence = None if spans is None else self._evidence(spans, encoding)
        return {"labels": indices, "spans": evidence}

    def _evidence(self, spans: Sequence[Span], encoding: Encoding) -> list[list[int]]:
        rows = [
            [*encoding.tokens_within(s.start, s.end), self.index(s.label, self.evidence)]
            for s in spans
            if not s.is_null
        ]
        whole = [0, len(encoding)]  # the tokens of a span without any
        return [row for row in rows if row[:2] != whole]

    def gold(self, target: LabelTarget, encoding: Encoding) -> TextPrediction:
        """Returns the text's labels."""
        return TextPrediction(tuple(LabelScore(self.labels[n]) for n in target["labels"]))

    def items(self, target: LabelTarget, encoding: Encoding) -> int:
        """Returns 1: the text."""
        return 1

    def collate(self, values: Sequence[LabelTarget | None], tokens: Tokens) -> Targets:
        """Joins the values of `targets` for the rows of a batch.

        Returns:
            ``labels`` (rows, labels): 0 or 1; `IGNORED` for unlabelled rows. ``spans`` (spans,
            4): row, first token, last token + 1, label. ``words`` (rows, tokens): the words of
            the tokens; `NO_WORD` in rows without a layer of evidence.
        """
        labels = torch.full((len(values), len(self.labels)), IGNORED)
        spans, known = [], torch.zeros(len(values), 1, dtype=torch.bool)
        for row, value in enumerate(values):
            if value is not None:
                labels[row] = 0
                labels[row, value["labels"]] = 1
                known[row] = value["spans"] is not None
                spans += [[row, *span] for span in value["spans"] or ()]
        evidence = torch.tensor(spans, dtype=torch.long).view(-1, 4)
        words = tokens.word_ids.masked_fill(~known.to(tokens.word_ids.device), NO_WORD)
        return {"labels": labels, "spans": evidence, "words": words}

    def build_head(self, hidden_size: int, dropout: float) -> Head:
        """Builds a linear layer over the vector of `pooling`, or per-label attention."""
        if not self._uses_attention:
            return TEXT_HEADS[self.pooling](hidden_size, self.size, dropout)
        return MultiLabelHead(hidden_size, self.size, dropout, evidence=self.evidence is not None)

    def output_flags(self, annotated: Tensor, targets: Targets) -> Targets:
        """Returns the flags of the labels, for those of texts and those of words."""
        return {"logits": annotated, "words": annotated}

    def loss(self, logits: Logits, targets: Targets) -> tuple[Tensor, Tensor]:
        """Returns binary cross-entropy, summed over labels, and the number of labelled rows.

        With evidence, twice the mean loss of each row's words is added.
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
        position = torch.arange(logits.shape[1], device=logits.device)
        inside = (position >= first[:, None]) & (position < last[:, None])  # (spans, tokens)
        gold = torch.zeros_like(logits).transpose(1, 2)
        gold.index_put_((row, label), inside.to(logits.dtype), accumulate=True)
        losses = functional.binary_cross_entropy_with_logits(
            logits, gold.transpose(1, 2).clamp(max=1), reduction="none"
        )
        words = targets["words"] != NO_WORD
        means = (losses.sum(dim=-1) * words).sum(dim=1) / words.sum(dim=1).clamp(min=1)
        return _WORDS * means.sum()

    def tally(self, targets: Targets) -> Tensor:
        """Returns the number of rows with each label (labels,)."""
        return (targets["labels"] == 1).sum(dim=0)

    def constant(self, tally: Tensor, targets: Targets) -> Logits:
        """Returns logits that predict only the most frequent label, for every row."""
        vector = torch.full((self.size,), -10.0, device=targets["labels"].device)
        vector[int(tally.argmax())] = 10.0
        return {"logits": vector.expand_as(targets["labels"])}

    def metrics(self) -> dict[str, TaskMetric]:
        """Returns micro-F1 and macro-F1 over labels."""
        labels, corpora = self.labels, len(self.corpora)
        return {
            "micro_f1": MicroF1(labels, "texts", corpora),
            "macro_f1": MacroF1(labels, "texts", corpora),
            **self.scored_metrics("texts"),
        }

    def decisions(self, gold: Prediction, predicted: Prediction) -> Iterator[LabelPair]:
        """Yields one decision for each label that is gold or predicted."""
        for label, probability, is_gold, chosen in self._judged(gold, predicted):
            if is_gold or chosen:
                score = probability if chosen else 1 - probability
                yield LabelPair(label if is_gold else None, label if chosen else None, score)

    def confidences(self, gold: Prediction, predicted: Prediction) -> Iterator[tuple[float, bool]]:
        """Yields the probability of every label, predicted or not, and whether it is gold."""
        for _, probability, is_gold, _ in self._judged(gold, predicted):
            yield probability, is_gold

    def _judged(
        self, gold: Prediction, predicted: Prediction
    ) -> Iterator[tuple[str, float, bool, bool]]:
        """Yields each label, its probability, whether it is gold, and whether it is predicted."""
        if isinstance(gold, TextPrediction) and isinstance(predicted, TextPrediction):
            expected, chosen = ({label.label for label in p.labels} for p in (gold, predicted))
            for label, score in zip(self.labels, predicted.distribution, strict=True):
                yield label, score, label in expected, label in chosen
