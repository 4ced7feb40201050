"""Answers made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from arabic_mtl.documents import LabelScore, SpanPrediction, SpansPrediction, TextPrediction
from arabic_mtl.evaluation import Answer
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    TokenClassification,
)

Kinds = tuple[
    SequenceClassification, SpanClassification, TokenClassification, MultiLabelClassification
]


def of_each_kind(*labels: str) -> Kinds:
    """Tasks of all kinds with the same labels."""
    of_texts: dict[str, Any] = {"corpus": "texts", "layer": "any", "labels": labels}
    return (
        SequenceClassification(**of_texts),
        SpanClassification(**of_texts),
        TokenClassification(**of_texts),
        MultiLabelClassification(**of_texts),
    )


POLARITIES = ("positive", "negative", "neutral")
SEQUENCE, SPAN, *_ = of_each_kind(*POLARITIES)
TOKEN = of_each_kind("ROOMS", "SERVICE")[2]
MULTI = of_each_kind("A#X", "B#Y", "C#Z")[3]


Items = LabelScore | list[LabelScore] | list[SpanPrediction]


def prediction(items: Any, beside: Any = None, distribution: Sequence[float] = ()) -> Any:
    """A prediction from a label, labels or spans; an empty one has the form of the other side's."""
    if items is None:
        return None
    if isinstance(items, LabelScore):
        return TextPrediction((items,), tuple(distribution))
    kind = items or beside
    if distribution or (isinstance(kind, list) and kind and isinstance(kind[0], LabelScore)):
        return TextPrediction(tuple(items), tuple(distribution))
    return SpansPrediction(tuple(items))


def answer(
    gold: Any,
    found: Any,
    probabilities: Any = None,
    *,
    number: int = 0,
    id: str = "1:0",
    text: str = "الغرفة والخدمة",
    pair: str | None = None,
) -> Answer:
    """An answer of the task ``t``: gold and predicted labels or spans."""
    distribution = probabilities or ()
    return Answer(
        corpus="texts",
        number=number,
        id=id,
        group="1",
        text=text,
        pair=pair,
        gold={"t": prediction(gold, found, distribution)},
        predicted={"t": prediction(found, gold, distribution)},
    )


def label(name: str, score: float = 1.0) -> LabelScore:
    """A label of a text."""
    return LabelScore(name, score)


def span(start: int, end: int, name: str, score: float = 1.0) -> SpanPrediction:
    """A labelled span."""
    return SpanPrediction(start, end, name, score)


def chosen(gold: str, values: list[float], **options: Any) -> Answer:
    """An answer for a text that has one label: the likeliest."""
    best = max(range(len(values)), key=values.__getitem__)
    return answer(label(gold), label(POLARITIES[best], values[best]), values, **options)


def several(gold: list[str], values: list[float], **options: Any) -> Answer:
    """An answer for a text with any number of labels: those of a half or more."""
    found = [label(n, v) for n, v in zip(MULTI.labels, values, strict=True) if v >= 0.5]
    return answer([label(name) for name in gold], found, values, **options)
