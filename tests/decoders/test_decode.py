"""Which heads are asked, in which order, and what is told of the pieces that others found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from arabic_mtl.decoders import (
    UNKNOWN,
    Arrays,
    Decoder,
    Given,
    LabelDecoder,
    LabelsDecoder,
    SpanDecoder,
    decode,
)
from arabic_mtl.text import Encoding
from arabic_mtl.text.offsets import Integers

CATEGORIES = ("ROOMS#GENERAL", "ROOMS#PRICES", "SERVICE#GENERAL")
TOPIC = LabelDecoder(labels=("hotel", "flight"))
CATEGORY = LabelsDecoder(labels=CATEGORIES, threshold=0.5)
PLAIN = SpanDecoder(labels=("positive", "negative"), spans_from="ner")
TOLD = SpanDecoder(
    labels=("positive", "negative"),
    spans_from="ner",
    given=Given(layer="aspect", labels=CATEGORIES, found_by="category"),
)
ROW = Encoding(
    input_ids=[5, 6, 7],
    token_type_ids=[0, 0, 0],
    starts=[0, 4, 9],
    ends=[3, 8, 12],
    words=[0, 1, 2],
    marks=[],
)
ROOM = {"start": 4, "end": 8, "label": "ROOMS"}
VIEW = {"start": 9, "end": 12, "label": "VIEW"}


@dataclass(frozen=True, kw_only=True)
class Finder(Decoder):
    """Finds in each row what it was made to find."""

    labels: tuple[str, ...] = ("ROOMS", "VIEW")
    found: tuple[list[dict[str, Any]], ...]

    def answers(self, logits: Arrays, rows: Sequence[Encoding]) -> list[Any]:
        assert len(rows) == len(self.found)
        return list(self.found)


class Heads:
    """Says the logarithms of what it was made with, and notes what it was asked.

    Of a label alone these are odds: 3 for a probability of 3/4.
    """

    def __init__(self, **says: Any) -> None:
        self.says = says
        self.asked: list[tuple[str, list[list[int]] | None]] = []

    def __call__(self, name: str, spans: Integers | None) -> Arrays:
        self.asked.append((name, None if spans is None else spans.tolist()))
        return {"logits": np.log(np.array(self.says[name], dtype=np.float64))}


def read(decoders: Mapping[str, Decoder], texts: int = 1) -> dict[str, list[Encoding]]:
    """So many texts, read by every task."""
    return {name: [ROW] * texts for name in decoders}


def said(
    start: int, end: int, label: str, score: float, told: tuple[int, float] | None = None
) -> dict[str, Any]:
    span = {"start": start, "end": end, "label": label, "score": pytest.approx(score)}
    if told is None:
        return span
    return span | {"told": {"label": CATEGORIES[told[0]], "score": pytest.approx(told[1])}}


def test_spans_are_labelled_last_and_answers_keep_the_order_of_the_tasks() -> None:
    decoders = {
        "polarity": PLAIN,
        "ner": Finder(found=([ROOM],)),
        "emotion": PLAIN,
        "topic": TOPIC,
    }
    heads = Heads(polarity=[[3, 1]], ner=[], emotion=[[1, 4]], topic=[[1, 3]])
    answers = decode(decoders, heads, read(decoders))
    table = [[0, 4, 8, 1, 2, UNKNOWN]]
    assert heads.asked == [
        *(("ner", None), ("topic", None)),
        *(("polarity", table), ("emotion", table)),
    ]
    assert list(answers) == list(decoders)
    assert answers == {
        "polarity": [[said(4, 8, "positive", 0.75)]],
        "ner": [[ROOM]],
        "emotion": [[said(4, 8, "negative", 0.8)]],
        "topic": [{"label": "flight", "score": pytest.approx(0.75)}],
    }


def test_what_was_found_is_told_of_spans_and_else_of_null() -> None:
    """A span is told what is likeliest of its own, found or not; the rest is said of NULL."""
    decoders = {
        "polarity": TOLD,
        "category": CATEGORY,
        "ner": Finder(found=([ROOM, VIEW], [], [])),
    }
    heads = Heads(
        ner=[],
        category=[
            [1 / 4, 1 / 3, 3],
            [3, 1 / 3, 4],
            [1 / 3, 1 / 4, 1 / 3],
        ],
        polarity=[[3, 1], [1, 3], [4, 1], [1, 4], [1, 9], [9, 1]],
    )
    answers = decode(decoders, heads, read(decoders, 3))
    assert heads.asked == [
        ("category", None),
        ("ner", None),
        (
            "polarity",
            [
                [0, 4, 8, 1, 2, 1],
                [0, 9, 12, 2, 3, UNKNOWN],
                [0, 0, 0, 0, 3, 2],
                [1, 0, 0, 0, 3, 2],
                [1, 0, 0, 0, 3, 0],
                [2, 0, 0, 0, 3, UNKNOWN],
            ],
        ),
    ]
    assert answers["polarity"] == [
        [
            said(4, 8, "positive", 0.75, (1, 0.25)),
            said(9, 12, "negative", 0.75),
            said(0, 0, "positive", 0.8, (2, 0.75)),
        ],
        [said(0, 0, "negative", 0.8, (2, 0.8)), said(0, 0, "negative", 0.9, (0, 0.75))],
        [said(0, 0, "positive", 0.9)],
    ]
    assert [[each["label"] for each in of_row] for of_row in answers["category"]] == [
        [CATEGORIES[2]],
        [CATEGORIES[2], CATEGORIES[0]],
        [],
    ]


def test_without_others_spans_are_whole_texts() -> None:
    alone = SpanDecoder(labels=("positive", "negative"))
    heads = Heads(polarity=[[3, 1], [1, 3]], category=[[3, 3, 3]] * 2)
    decoders = {"polarity": alone, "category": CATEGORY}
    answers = decode(decoders, heads, read(decoders, 2))
    whole = [[0, 0, 0, 0, 3, UNKNOWN], [1, 0, 0, 0, 3, UNKNOWN]]
    assert heads.asked == [("category", None), ("polarity", whole)]
    assert [[each["label"] for each in of_row] for of_row in answers["polarity"]] == [
        ["positive"],
        ["negative"],
    ]


def test_nothing_is_told_where_no_task_tells_it() -> None:
    decoders = {"polarity": PLAIN, "category": CATEGORY, "ner": Finder(found=([ROOM],))}
    heads = Heads(polarity=[[1, 3]], category=[[3, 3, 3]], ner=[])
    (answer,) = decode(decoders, heads, read(decoders))["polarity"]
    assert answer == [said(4, 8, "negative", 0.75)]


def test_each_task_reads_its_own_texts_and_is_asked_even_if_it_has_none() -> None:
    """Processes that read different texts ask the same heads."""
    decoders = {
        "polarity": TOLD,
        "ner": Finder(found=()),
        "category": CATEGORY,
        "topic": TOPIC,
    }
    none = np.zeros((0, 3))
    heads = Heads(polarity=none[:, :2], ner=[], category=none, topic=[[3, 1], [1, 3]])
    answers = decode(decoders, heads, read(decoders, 0) | {"topic": [ROW] * 2})
    assert heads.asked == [("ner", None), ("category", None), ("topic", None), ("polarity", [])]
    assert [each["label"] for each in answers.pop("topic")] == ["hotel", "flight"]
    assert answers == {"polarity": [], "ner": [], "category": []}
