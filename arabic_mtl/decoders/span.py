"""Decoding of span classification, and the choice of the spans to classify."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from arabic_mtl.decoders.base import (
    UNKNOWN,
    Arrays,
    LabelDecoder,
    Queries,
    SourcePrediction,
    SpanQuery,
    softmax,
)
from arabic_mtl.decoders.category import category_of
from arabic_mtl.documents import (
    LabelScore,
    Prediction,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
)
from arabic_mtl.errors import InputError
from arabic_mtl.text import Encoding
from arabic_mtl.text.ragged import Integers

_COPIES = 2**25  # the most numbers in the copies of texts for the spans of one call


@dataclass(frozen=True, kw_only=True)
class SpanCondition:
    """An extra label that each span is conditioned on, such as an opinion's category.

    Args:
        layer: The layer with the gold condition of each span. It must have the same spans as the
            task's own layer, in the same order.
        labels: All possible conditions; with `predicted_by`, the labels of that task.
        predicted_by: The task that predicts the conditions of texts without gold ones. A span
            gets that task's likeliest label that equals the span's label or extends it
            (ROOMS#GENERAL extends ROOMS). Each predicted label that no span gets becomes the
            condition of a NULL span (`arabic_mtl.decoders.SpanDecoder.queries`). By default, the
            conditions of such texts are unknown.
    """

    layer: str
    labels: tuple[str, ...]
    predicted_by: str | None = None

    def __post_init__(self) -> None:
        """Checks the labels."""
        if not self.labels or len(set(self.labels)) < len(self.labels):
            raise InputError(
                f"`condition.labels` must list the labels of layer {self.layer!r}, each once",
                found=f"condition.labels: {list(self.labels)}",
                expected="a list of distinct labels",
            )

    def index(self, label: str) -> int:
        """Returns the index of a label.

        Raises:
            InputError: If the label is not declared.
        """
        if label not in self.labels:
            raise InputError(
                f"a label of layer {self.layer!r} must be in `condition.labels`",
                found=f"«{label}»",
                expected=", ".join(self.labels),
            )
        return self.labels.index(label)

    def label(self, index: int) -> str:
        """Returns the label at an index; empty for `UNKNOWN`."""
        return "" if index == UNKNOWN else self.labels[index]


@dataclass(frozen=True, kw_only=True)
class SpanDecoder(LabelDecoder):
    """The likeliest label of each span, from ``logits`` (spans, labels).

    Args:
        spans_from: The task that predicts the spans; without one, whole texts are labelled.
        condition: The extra label that each span is conditioned on.
    """

    kind: ClassVar[str] = "span"
    predicts: ClassVar[type[Prediction]] = SpansPrediction
    asks_spans: ClassVar[bool] = True

    spans_from: str | None = None
    condition: SpanCondition | None = None

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Builds a decoder from its fields as JSON values."""
        fields = facts["condition"]
        condition = fields and SpanCondition(**{**fields, "labels": tuple(fields["labels"])})
        return super().from_facts({**facts, "condition": condition})

    @property
    def condition_from(self) -> str | None:
        """Returns the task that predicts the conditions of the spans, if any."""
        return self.condition.predicted_by if self.condition else None

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Returns the tasks that predict the spans and their conditions."""
        return tuple(name for name in (self.spans_from, self.condition_from) if name is not None)

    def queries(self, row: Encoding, sources: Mapping[str, SourcePrediction]) -> list[SpanQuery]:
        """Returns the spans to label in a text without gold spans.

        A span is conditioned on its category (`category_of`). Each predicted label that no span
        is conditioned on becomes the condition of a NULL span, which stands for the text as a
        whole. Without any predicted span or label, there is one NULL span without a condition.

        Args:
            row: The encoded text.
            sources: The predictions of the tasks in `depends_on`.
        """
        conditions = sources.get(self.condition_from or "")
        spans = _spans_of(sources.get(self.spans_from or ""))
        queries = [
            _query(row, s.start, s.end, *self._condition(s.label, conditions)) for s in spans
        ]
        taken = {query.condition_id for query in queries}
        for label in _labels_of(conditions):
            condition = self._index(label.label)
            if condition not in taken:
                queries.append(_query(row, 0, 0, condition, label.score))
        return queries or [_query(row, 0, 0)]

    def decode(
        self, logits: Arrays, rows: Sequence[Encoding], queries: Queries | None = None
    ) -> list[SpansPrediction]:
        """Returns the likeliest label of each span or, without queries, of each whole text."""
        if queries is None:
            queries = [[_query(row, 0, 0)] for row in rows]
        probabilities = iter(softmax(logits["logits"]).tolist())
        return [
            SpansPrediction(tuple(self._prediction(query, next(probabilities)) for query in spans))
            for spans in queries
        ]

    def _condition(self, label: str, source: SourcePrediction | None) -> tuple[int, float]:
        """Returns the index and the probability of a span's category."""
        if source is None or not isinstance(source.prediction, TextPrediction):
            return UNKNOWN, 1.0
        category = category_of(label, source.outputs, source.prediction.distribution)
        return (self._index(category.label), category.score) if category else (UNKNOWN, 1.0)

    def _index(self, label: str) -> int:
        return self.condition.index(label) if self.condition else UNKNOWN

    def _prediction(self, query: SpanQuery, values: list[float]) -> SpanPrediction:
        best = max(range(len(values)), key=values.__getitem__)
        condition = None
        if self.condition is not None and query.condition_id != UNKNOWN:
            condition = LabelScore(self.condition.label(query.condition_id), query.condition_score)
        offsets = query.start, query.end
        return SpanPrediction(*offsets, self.labels[best], values[best], condition, tuple(values))


def query_table(queries: Queries) -> Integers:
    """Returns the spans to label as one table.

    Returns:
        (spans, 6): row, start, end, first token, last token + 1, index of the condition.
    """
    rows = [[row, *query[:5]] for row, spans in enumerate(queries) for query in spans]
    return np.array(rows, dtype=np.int64).reshape(-1, 6)


def split_table(table: Integers, size: int) -> list[Integers]:
    """Splits a table so that a copy of the text for each span fits into memory.

    Args:
        table: A table of `query_table`.
        size: The number of elements in a text's hidden states.

    Returns:
        One or more parts, in order; an empty table is one part.
    """
    most = max(_COPIES // max(size, 1), 1)
    return [table[start : start + most] for start in range(0, max(len(table), 1), most)]


def _spans_of(source: SourcePrediction | None) -> tuple[SpanPrediction, ...]:
    """Returns the predicted spans of a task; none for a task that predicts no spans."""
    prediction = source.prediction if source else None
    return prediction.spans if isinstance(prediction, SpansPrediction) else ()


def _labels_of(source: SourcePrediction | None) -> tuple[LabelScore, ...]:
    """Returns the predicted labels of a text; none for a task that does not label texts."""
    prediction = source.prediction if source else None
    return prediction.labels if isinstance(prediction, TextPrediction) else ()


def _query(
    row: Encoding, start: int, end: int, condition: int = UNKNOWN, score: float = 1.0
) -> SpanQuery:
    return SpanQuery(start, end, *row.tokens_within(start, end), condition, score)
