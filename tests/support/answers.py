"""Answers made by hand."""

from __future__ import annotations

from typing import Any

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


def answer(
    gold: Any,
    found: Any,
    probabilities: Any = None,
    *,
    id: str = "1:0",
    text: str = "الغرفة والخدمة",
    pair: str | None = None,
) -> Answer:
    """What a system says for the task ``t``."""
    return Answer(
        corpus="texts",
        id=id,
        group="1",
        text=text,
        pair=pair,
        gold={"t": gold},
        found={"t": found},
        probabilities={"t": probabilities},
    )


def label(name: str, score: float | None = None) -> dict[str, Any]:
    """A label of a text, with its probability if it is a found one."""
    return {"label": name} if score is None else {"label": name, "score": score}


def span(start: int, end: int, name: str, score: float | None = None) -> dict[str, Any]:
    """A span, with its probability if it is a found one."""
    return {"start": start, "end": end, **label(name, score)}


def chosen(gold: str, values: list[float], **options: Any) -> Answer:
    """An answer to a text that has one label: the likeliest."""
    best = max(range(len(values)), key=values.__getitem__)
    return answer(label(gold), label(POLARITIES[best], values[best]), values, **options)


def several(gold: list[str], values: list[float], **options: Any) -> Answer:
    """An answer to a text with any number of labels: those of a half or more."""
    found = [label(n, v) for n, v in zip(MULTI.labels, values, strict=True) if v >= 0.5]
    return answer([label(name) for name in gold], found, values, **options)
