"""Which spans of a text are labelled where none are given, and their conditions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arabic_mtl.decoders import UNKNOWN, Given, SourcePrediction, SpanDecoder, SpanQuery
from arabic_mtl.decoders.span import in_parts, table_of
from arabic_mtl.documents import (
    LabelScore,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
    ValuePrediction,
)
from arabic_mtl.text import Encoding, TextPipeline
from support.predictions import near

LABELS = ("positive", "negative", "neutral")
ASPECTS = ("ROOMS#GENERAL", "ROOMS_AMENITIES#QUALITY", "ROOMS#PRICES", "HOTEL#PRICES")
PLAIN = SpanDecoder(labels=LABELS, spans_from="ner")
CONDITIONED = replace(PLAIN, given=Given(layer="aspect", labels=ASPECTS, found_by="category"))
RAW = "والغرفة نظيفة"
ENTITIES = ("ROOMS", "HOTEL", "SERVICE")


def found(*spans: tuple[int, int, str]) -> dict[str, SourcePrediction]:
    """The spans that a tagger has found."""
    prediction = SpansPrediction(tuple(SpanPrediction(*span) for span in spans))
    return {"ner": SourcePrediction(prediction, ENTITIES)}


def categories(distribution: tuple[float, ...], *labels: int) -> dict[str, SourcePrediction]:
    """The probability of each aspect, and those that are predicted, likeliest first."""
    predicted = tuple(LabelScore(ASPECTS[n], distribution[n]) for n in labels)
    return {"category": SourcePrediction(TextPrediction(predicted, distribution), ASPECTS)}


@pytest.fixture
def row(text: TextPipeline) -> Encoding:
    return text.encode([RAW], [None])[0]  # و is a word of its own: five tokens


def test_spans_that_were_found_have_their_tokens(row: Encoding) -> None:
    assert PLAIN.queries(row, found((8, 13, "ROOMS"), (0, 1, "HOTEL"))) == [
        SpanQuery(8, 13, 3, 4, UNKNOWN, 1.0),
        SpanQuery(0, 1, 1, 2, UNKNOWN, 1.0),
    ]


def test_nothing_found_is_the_whole_text(row: Encoding) -> None:
    whole = [SpanQuery(0, 0, 0, 5)]
    assert PLAIN.queries(row, found()) == whole
    assert CONDITIONED.queries(row, found() | categories((0.5, 0.5, 0.5, 0.5))) == whole


def test_predictions_of_other_forms_find_nothing(row: Encoding) -> None:
    whole = [SpanQuery(0, 0, 0, 5)]
    number = SourcePrediction(ValuePrediction(1.0), ("number",))
    assert CONDITIONED.queries(row, {"ner": number, "category": number}) == whole
    assert CONDITIONED.queries(row, {}) == whole


def test_a_span_has_the_likeliest_category_that_belongs_to_it(row: Encoding) -> None:
    spans = [(1, 7, name) for name in ("ROOMS", "HOTEL", "HOTEL#PRICES", "SERVICE")]
    # ROOMS_AMENITIES, the likeliest, is no kind of ROOMS
    sources = found(*spans) | categories((0.3, 0.9, 0.4, 0.1))
    queries = CONDITIONED.queries(row, sources)
    assert [(query.condition_id, query.condition_score) for query in queries] == [
        (2, 0.4),
        (3, 0.1),
        (3, 0.1),
        (UNKNOWN, 1.0),
    ]


def test_predicted_categories_that_are_no_spans_condition_are_nulls(row: Encoding) -> None:
    distribution = (0.5, 0.1, 0.6, 0.55)
    sources = found((1, 7, "ROOMS")) | categories(distribution, 2, 3)
    assert CONDITIONED.queries(row, sources) == [
        SpanQuery(1, 7, 2, 3, 2, 0.6),
        SpanQuery(0, 0, 0, 5, 3, 0.55),
    ]
    assert CONDITIONED.queries(row, found() | categories(distribution, 2)) == [
        SpanQuery(0, 0, 0, 5, 2, 0.6)
    ]


def test_no_condition_where_no_task_predicts_it(row: Encoding) -> None:
    alone = replace(CONDITIONED, given=Given(layer="aspect", labels=ASPECTS))
    assert (alone.condition_from, alone.depends_on) == (None, ("ner",))
    (query,) = alone.queries(row, found((1, 7, "ROOMS")))
    assert query == SpanQuery(1, 7, 2, 3)
    assert (CONDITIONED.condition_from, PLAIN.condition_from) == ("category", None)
    assert (CONDITIONED.depends_on, PLAIN.depends_on) == (("ner", "category"), ("ner",))


def test_a_table_for_the_head() -> None:
    spans = [[SpanQuery(1, 7, 2, 3, 2, 0.5), SpanQuery(0, 0, 0, 5)], [], [SpanQuery(8, 13, 3, 4)]]
    assert table_of(spans).tolist() == [
        [0, 1, 7, 2, 3, 2],
        [0, 0, 0, 0, 5, UNKNOWN],
        [2, 8, 13, 3, 4, UNKNOWN],
    ]
    assert table_of([]).shape == (0, 6)


def test_predictions_have_the_condition_and_each_labels_probability(row: Encoding) -> None:
    queries = [[SpanQuery(1, 7, 2, 3, 2, 0.5), SpanQuery(0, 0, 0, 5)], []]
    logits = {"logits": np.log([[1.0, 3.0, 1.0], [2.0, 1.0, 1.0]])}
    (of_row, nothing) = CONDITIONED.decode(logits, [row, row], queries)
    fifth, quarter = near(0.2), near(0.25)
    condition = LabelScore(ASPECTS[2], 0.5)
    assert of_row.spans == (
        SpanPrediction(1, 7, "negative", near(0.6), condition, (fifth, near(0.6), fifth)),
        SpanPrediction(0, 0, "positive", near(0.5), None, (near(0.5), quarter, quarter)),
    )
    assert nothing == SpansPrediction(())
    whole = PLAIN.decode(logits, [row, row])
    assert [[(s.start, s.end, s.label) for s in each.spans] for each in whole] == [
        [(0, 0, "negative")],
        [(0, 0, "positive")],
    ]


def test_a_decoder_is_made_again_from_its_fields() -> None:
    facts = {
        "labels": list(LABELS),
        "spans_from": "ner",
        "given": {"layer": "aspect", "labels": list(ASPECTS), "found_by": "category"},
    }
    assert SpanDecoder.of(facts) == CONDITIONED
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
