"""Builders of examples with gold labels and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from arabic_mtl.documents import LabelScore, SpanPrediction, SpansPrediction, TextPrediction
from arabic_mtl.evaluation import PredictedExample
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    TokenClassification,
)

Kinds = tuple[
    SequenceClassification, SpanClassification, TokenClassification, MultiLabelClassification
]


def all_kinds(*labels: str) -> Kinds:
    """Returns tasks of all kinds with the same labels."""
    options: dict[str, Any] = {"corpus": "texts", "layer": "any", "labels": labels}
    return (
        SequenceClassification(**options),
        SpanClassification(**options),
        TokenClassification(**options),
        MultiLabelClassification(**options),
    )


POLARITIES = ("positive", "negative", "neutral")
SEQUENCE, SPAN, *_ = all_kinds(*POLARITIES)
TOKEN = all_kinds("ROOMS", "SERVICE")[2]
MULTI = all_kinds("A#X", "B#Y", "C#Z")[3]


Items = LabelScore | list[LabelScore] | list[SpanPrediction]


def prediction(items: Any, other: Any = None, distribution: Sequence[float] = ()) -> Any:
    """Returns a prediction of a label, labels or spans; an empty one has the form of `other`."""
    if items is None:
        return None
    if isinstance(items, LabelScore):
        return TextPrediction((items,), tuple(distribution))
    kind = items or other
    if distribution or (isinstance(kind, list) and kind and isinstance(kind[0], LabelScore)):
        return TextPrediction(tuple(items), tuple(distribution))
    return SpansPrediction(tuple(items))


def predicted_example(
    gold: Any,
    predicted: Any,
    probabilities: Any = None,
    *,
    number: int = 0,
    id: str = "1:0",
    text: str = "الغرفة والخدمة",
    pair: str | None = None,
) -> PredictedExample:
    """Returns an example of the task ``t`` with gold and predicted labels or spans."""
    distribution = probabilities or ()
    return PredictedExample(
        corpus="texts",
        number=number,
        id=id,
        group="1",
        text=text,
        pair=pair,
        gold={"t": prediction(gold, predicted, distribution)},
        predicted={"t": prediction(predicted, gold, distribution)},
    )


def label(name: str, score: float = 1.0) -> LabelScore:
    """Returns the label of a text."""
    return LabelScore(name, score)


def span(start: int, end: int, name: str, score: float = 1.0) -> SpanPrediction:
    """Returns a labelled span."""
    return SpanPrediction(start, end, name, score)


def single_label(gold: str, values: list[float], **options: Any) -> PredictedExample:
    """Returns an example with one predicted label: the most probable."""
    best = max(range(len(values)), key=values.__getitem__)
    return predicted_example(label(gold), label(POLARITIES[best], values[best]), values, **options)


def multi_label(gold: list[str], values: list[float], **options: Any) -> PredictedExample:
    """Returns an example with all labels predicted whose probability is 0.5 or more."""
    predicted = [label(n, v) for n, v in zip(MULTI.labels, values, strict=True) if v >= 0.5]
    return predicted_example([label(name) for name in gold], predicted, values, **options)
