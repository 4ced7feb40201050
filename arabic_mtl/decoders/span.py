"""A label for each given span, and the spans that are given."""

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
from arabic_mtl.text.offsets import Integers

_COPIES = 2**25  # numbers of the texts that are copied for the spans of one call


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is told of each span besides its place, such as an opinion's category.

    Args:
        layer: The layer of spans that holds it: those of the task's own layer, in their order.
        labels: Every label there is; those of `found_by`.
        found_by: The task that tells it where there is no gold: of all its labels, a span is given
            the likeliest that is its own or belongs to it (to ROOMS, ROOMS#GENERAL); each label
            that it finds in a text and that no span is given becomes one of NULL
            (`arabic_mtl.decoders.SpanDecoder.queries`). Without one, nothing is told there.
    """

    layer: str
    labels: tuple[str, ...]
    found_by: str | None = None

    def __post_init__(self) -> None:
        """Checks the labels."""
        if not self.labels or len(set(self.labels)) < len(self.labels):
            raise InputError(
                f"what layer {self.layer!r} tells of spans is declared, each label once",
                found=f"given.labels: {list(self.labels)}",
                expected="a list of distinct labels",
            )

    def of(self, label: str) -> int:
        """The number of a label.

        Raises:
            InputError: If the label is not declared.
        """
        if label not in self.labels:
            raise InputError(
                f"a label of layer {self.layer!r} is one that given.labels declares",
                found=f"«{label}»",
                expected=", ".join(self.labels),
            )
        return self.labels.index(label)

    def name(self, number: int) -> str:
        """The label of a number; empty for -1."""
        return "" if number == UNKNOWN else self.labels[number]


@dataclass(frozen=True, kw_only=True)
class SpanDecoder(LabelDecoder):
    """One label for each given span. Reads ``logits`` (spans, labels).

    Args:
        spans_from: The task that finds the spans; without one they are whole texts.
        given: The extra label that each span is conditioned on.
    """

    kind: ClassVar[str] = "span"
    predicts: ClassVar[type[Prediction]] = SpansPrediction
    asks_spans: ClassVar[bool] = True

    spans_from: str | None = None
    given: Given | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Makes a decoder from its fields as JSON values."""
        given = facts["given"]
        condition = given and Given(**{**given, "labels": tuple(given["labels"])})
        return super().of({**facts, "given": condition})

    @property
    def condition_from(self) -> str | None:
        """The task that predicts the labels that spans are conditioned on."""
        return self.given.found_by if self.given else None

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The tasks that find the spans and their conditions."""
        return tuple(name for name in (self.spans_from, self.condition_from) if name is not None)

    def queries(self, row: Encoding, sources: Mapping[str, SourcePrediction]) -> list[SpanQuery]:
        """Returns the spans to label in a text, where none are given.

        A span is conditioned on its category (`category_of`). A predicted label that no span is
        conditioned on becomes one of NULL: of the text as a whole; if there are neither spans nor
        labels, NULL has no condition.

        Args:
            row: The text.
            sources: The tasks of `depends_on`.
        """
        teller = sources.get(self.condition_from or "")
        spans = _spans_of(sources.get(self.spans_from or ""))
        queries = [_query(row, s.start, s.end, *self._condition(s.label, teller)) for s in spans]
        taken = {query.condition_id for query in queries}
        for label in _labels_of(teller):
            condition = self._index(label.label)
            if condition not in taken:
                queries.append(_query(row, 0, 0, condition, label.score))
        return queries or [_query(row, 0, 0)]

    def decode(
        self, logits: Arrays, rows: Sequence[Encoding], queries: Queries | None = None
    ) -> list[SpansPrediction]:
        """Returns the likeliest label of each span; without queries, of each whole text."""
        if queries is None:
            queries = [[_query(row, 0, 0)] for row in rows]
        likely = iter(softmax(logits["logits"]).tolist())
        return [
            SpansPrediction(tuple(self._prediction(query, next(likely)) for query in of_row))
            for of_row in queries
        ]

    def _condition(self, label: str, teller: SourcePrediction | None) -> tuple[int, float]:
        """Returns the index and the probability of a span's category."""
        if teller is None or not isinstance(teller.prediction, TextPrediction):
            return UNKNOWN, 1.0
        category = category_of(label, teller.outputs, teller.prediction.distribution)
        return (self._index(category.label), category.score) if category else (UNKNOWN, 1.0)

    def _index(self, label: str) -> int:
        return self.given.of(label) if self.given else UNKNOWN

    def _prediction(self, query: SpanQuery, values: list[float]) -> SpanPrediction:
        best = max(range(len(values)), key=values.__getitem__)
        condition = None
        if self.given is not None and query.condition_id != UNKNOWN:
            condition = LabelScore(self.given.name(query.condition_id), query.condition_score)
        place = query.start, query.end
        return SpanPrediction(*place, self.labels[best], values[best], condition, tuple(values))


def table_of(queries: Queries) -> Integers:
    """Returns spans as a head reads them.

    Returns:
        (spans, 6): row, start, end, first token, last + 1, index of the condition.
    """
    rows = [[row, *query[:5]] for row, of_row in enumerate(queries) for query in of_row]
    return np.array(rows, dtype=np.int64).reshape(-1, 6)


def in_parts(table: Integers, size: int) -> list[Integers]:
    """Splits a table so that its spans' copies of their texts fit into memory; one part at least.

    Args:
        table: As a head reads it.
        size: Numbers of a text's hidden states.
    """
    most = max(_COPIES // max(size, 1), 1)
    return [table[start : start + most] for start in range(0, max(len(table), 1), most)]


def _spans_of(source: SourcePrediction | None) -> tuple[SpanPrediction, ...]:
    """Returns the spans that a task has found; none where it finds no spans."""
    prediction = source.prediction if source else None
    return prediction.spans if isinstance(prediction, SpansPrediction) else ()


def _labels_of(source: SourcePrediction | None) -> tuple[LabelScore, ...]:
    """Returns the labels that a task has given a text; none where it labels no texts."""
    prediction = source.prediction if source else None
    return prediction.labels if isinstance(prediction, TextPrediction) else ()


def _query(
    row: Encoding, start: int, end: int, condition: int = UNKNOWN, score: float = 1.0
) -> SpanQuery:
    return SpanQuery(start, end, *row.tokens_within(start, end), condition, score)
