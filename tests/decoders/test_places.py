"""Which pieces of a text are labelled where none are given, and what is told of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from arabic_mtl.decoders import UNKNOWN, Given, SpanDecoder, SpanPlace
from arabic_mtl.decoders.span import in_parts, table_of
from arabic_mtl.text import Encoding, TextPipeline

LABELS = ("positive", "negative", "neutral")
ASPECTS = ("ROOMS#GENERAL", "ROOMS_AMENITIES#QUALITY", "ROOMS#PRICES", "HOTEL#PRICES")
PLAIN = SpanDecoder(labels=LABELS, spans_from="ner")
TOLD = replace(PLAIN, given=Given(layer="aspect", labels=ASPECTS, found_by="category"))
RAW = "والغرفة نظيفة"
ROOM, CLEAN = {"start": 1, "end": 7}, {"start": 8, "end": 13}


def labels(*names: str, score: float = 0.5) -> list[dict[str, Any]]:
    return [{"label": name, "score": score} for name in names]


@pytest.fixture
def row(text: TextPipeline) -> Encoding:
    return text.encode([RAW], [None])[0]  # و is a word of its own: five tokens


def test_spans_that_were_found_have_their_tokens(row: Encoding) -> None:
    found = [{**CLEAN, "label": "ROOMS"}, {"start": 0, "end": 1, "label": "HOTEL"}]
    assert PLAIN.places(row, found, [], []) == [
        SpanPlace(8, 13, 3, 4, UNKNOWN, 1.0),
        SpanPlace(0, 1, 1, 2, UNKNOWN, 1.0),
    ]


def test_nothing_found_is_the_whole_text(row: Encoding) -> None:
    assert PLAIN.places(row, [], [], []) == [SpanPlace(0, 0, 0, 5)]
    assert TOLD.places(row, [], labels(*ASPECTS), []) == [SpanPlace(0, 0, 0, 5)]


def test_a_span_is_told_the_likeliest_label_that_belongs_to_it(row: Encoding) -> None:
    spans = [{**ROOM, "label": name} for name in ("ROOMS", "HOTEL", "HOTEL#PRICES", "SERVICE")]
    ranked = [
        *labels(ASPECTS[1], score=0.9),  # of ROOMS_AMENITIES, which is no kind of ROOMS
        *labels(ASPECTS[2], score=0.4),
        *labels(ASPECTS[0], score=0.3),
        *labels(ASPECTS[3], score=0.1),
    ]
    places = TOLD.places(row, spans, ranked, [])
    assert [(place.told, place.likely) for place in places] == [
        (2, 0.4),
        (3, 0.1),
        (3, 0.1),
        (UNKNOWN, 1.0),
    ]


def test_what_was_found_and_is_told_of_no_span_is_said_of_null(row: Encoding) -> None:
    ranked = labels(ASPECTS[2], ASPECTS[3], ASPECTS[0])
    spans = [{**ROOM, "label": "ROOMS"}]
    assert TOLD.places(row, spans, ranked, ranked[:2]) == [
        SpanPlace(1, 7, 2, 3, 2, 0.5),
        SpanPlace(0, 0, 0, 5, 3, 0.5),
    ]
    assert TOLD.places(row, [], ranked, ranked[:1]) == [SpanPlace(0, 0, 0, 5, 2, 0.5)]


def test_nothing_is_told_where_no_task_finds_it(row: Encoding) -> None:
    untold = replace(TOLD, given=Given(layer="aspect", labels=ASPECTS))
    assert untold.told_by is None
    (place,) = untold.places(row, [{**ROOM, "label": "ROOMS"}], [], [])
    assert place == SpanPlace(1, 7, 2, 3)
    assert (TOLD.told_by, PLAIN.told_by) == ("category", None)


def test_a_table_for_the_head() -> None:
    spans = [[SpanPlace(1, 7, 2, 3, 2, 0.5), SpanPlace(0, 0, 0, 5)], [], [SpanPlace(8, 13, 3, 4)]]
    assert table_of(spans).tolist() == [
        [0, 1, 7, 2, 3, 2],
        [0, 0, 0, 0, 5, UNKNOWN],
        [2, 8, 13, 3, 4, UNKNOWN],
    ]
    assert table_of([]).shape == (0, 6)


def test_answers_say_what_was_told() -> None:
    spans = [[SpanPlace(1, 7, 2, 3, 2, 0.5), SpanPlace(0, 0, 0, 5)], []]
    logits = {"logits": np.log([[1.0, 3.0, 1.0], [2.0, 1.0, 1.0]])}
    ((named, null), nothing) = TOLD.answers_of(logits, spans)
    assert named == {
        **ROOM,
        "label": "negative",
        "score": pytest.approx(0.6),
        "told": {"label": ASPECTS[2], "score": 0.5},
    }
    assert null == {"start": 0, "end": 0, "label": "positive", "score": pytest.approx(0.5)}
    assert nothing == []


def test_a_decoder_is_made_again_from_its_fields() -> None:
    facts = {
        "labels": list(LABELS),
        "spans_from": "ner",
        "given": {"layer": "aspect", "labels": list(ASPECTS), "found_by": "category"},
    }
    assert SpanDecoder.of(facts) == TOLD
    assert SpanDecoder.of({**facts, "given": None}) == PLAIN


@pytest.mark.parametrize(
    ("spans", "size", "parts"),
    [(0, 9, [0]), (5, 9, [5]), (5, 2**24, [2, 2, 1]), (2, 2**30, [1, 1]), (3, 0, [3])],
)
def test_parts_fit_into_memory(spans: int, size: int, parts: list[int]) -> None:
    table = np.arange(6 * spans).reshape(-1, 6)
    found = in_parts(table, size)
    assert [len(part) for part in found] == parts
    assert np.concatenate(found).tolist() == table.tolist()
