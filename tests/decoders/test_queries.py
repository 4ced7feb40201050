"""The spans to label in a text without gold spans, and their conditions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arabic_mtl.decoders import UNKNOWN, SourcePrediction, SpanCondition, SpanDecoder, SpanQuery
from arabic_mtl.decoders.span import query_table, split_table
from arabic_mtl.documents import (
    LabelScore,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
    ValuePrediction,
)
from arabic_mtl.text import Encoding, TextPipeline
from support.predictions import approx

LABELS = ("positive", "negative", "neutral")
ASPECTS = ("ROOMS#GENERAL", "ROOMS_AMENITIES#QUALITY", "ROOMS#PRICES", "HOTEL#PRICES")
PLAIN = SpanDecoder(labels=LABELS, spans_from="ner")
CONDITIONED = replace(
    PLAIN, condition=SpanCondition(layer="aspect", labels=ASPECTS, predicted_by="category")
)
RAW = "والغرفة نظيفة"
ENTITIES = ("ROOMS", "HOTEL", "SERVICE")


def tagged_spans(*spans: tuple[int, int, str]) -> dict[str, SourcePrediction]:
    """Returns the predicted spans of a tagger."""
    prediction = SpansPrediction(tuple(SpanPrediction(*span) for span in spans))
    return {"ner": SourcePrediction(prediction, ENTITIES)}


def categories(distribution: tuple[float, ...], *labels: int) -> dict[str, SourcePrediction]:
    """Returns the probability of each aspect, and the predicted aspects, likeliest first."""
    predicted = tuple(LabelScore(ASPECTS[n], distribution[n]) for n in labels)
    return {"category": SourcePrediction(TextPrediction(predicted, distribution), ASPECTS)}


@pytest.fixture
def row(text: TextPipeline) -> Encoding:
    return text.encode([RAW], [None])[0]  # و is a separate word: five tokens


def test_predicted_spans_have_their_tokens(row: Encoding) -> None:
    assert PLAIN.queries(row, tagged_spans((8, 13, "ROOMS"), (0, 1, "HOTEL"))) == [
        SpanQuery(8, 13, 3, 4, UNKNOWN, 1.0),
        SpanQuery(0, 1, 1, 2, UNKNOWN, 1.0),
    ]


def test_text_without_predictions_is_one_null_span(row: Encoding) -> None:
    null_span = [SpanQuery(0, 0, 0, 5)]
    assert PLAIN.queries(row, tagged_spans()) == null_span
    assert CONDITIONED.queries(row, tagged_spans() | categories((0.5, 0.5, 0.5, 0.5))) == null_span


def test_predictions_of_other_classes_are_ignored(row: Encoding) -> None:
    null_span = [SpanQuery(0, 0, 0, 5)]
    number = SourcePrediction(ValuePrediction(1.0), ("number",))
    assert CONDITIONED.queries(row, {"ner": number, "category": number}) == null_span
    assert CONDITIONED.queries(row, {}) == null_span


def test_span_gets_its_likeliest_category(row: Encoding) -> None:
    spans = [(1, 7, name) for name in ("ROOMS", "HOTEL", "HOTEL#PRICES", "SERVICE")]
    # ROOMS_AMENITIES, the likeliest, is not a category of ROOMS
    sources = tagged_spans(*spans) | categories((0.3, 0.9, 0.4, 0.1))
    queries = CONDITIONED.queries(row, sources)
    assert [(query.condition_id, query.condition_score) for query in queries] == [
        (2, 0.4),
        (3, 0.1),
        (3, 0.1),
        (UNKNOWN, 1.0),
    ]


def test_other_predicted_categories_become_null_spans(row: Encoding) -> None:
    distribution = (0.5, 0.1, 0.6, 0.55)
    sources = tagged_spans((1, 7, "ROOMS")) | categories(distribution, 2, 3)
    assert CONDITIONED.queries(row, sources) == [
        SpanQuery(1, 7, 2, 3, 2, 0.6),
        SpanQuery(0, 0, 0, 5, 3, 0.55),
    ]
    assert CONDITIONED.queries(row, tagged_spans() | categories(distribution, 2)) == [
        SpanQuery(0, 0, 0, 5, 2, 0.6)
    ]


def test_condition_is_unknown_without_a_predicting_task(row: Encoding) -> None:
    decoder = replace(CONDITIONED, condition=SpanCondition(layer="aspect", labels=ASPECTS))
    assert (decoder.condition_from, decoder.depends_on) == (None, ("ner",))
    (query,) = decoder.queries(row, tagged_spans((1, 7, "ROOMS")))
    assert query == SpanQuery(1, 7, 2, 3)
    assert (CONDITIONED.condition_from, PLAIN.condition_from) == ("category", None)
    assert (CONDITIONED.depends_on, PLAIN.depends_on) == (("ner", "category"), ("ner",))


def test_query_table() -> None:
    spans = [[SpanQuery(1, 7, 2, 3, 2, 0.5), SpanQuery(0, 0, 0, 5)], [], [SpanQuery(8, 13, 3, 4)]]
    assert query_table(spans).tolist() == [
        [0, 1, 7, 2, 3, 2],
        [0, 0, 0, 0, 5, UNKNOWN],
        [2, 8, 13, 3, 4, UNKNOWN],
    ]
    assert query_table([]).shape == (0, 6)


def test_predictions_have_condition_and_distribution(row: Encoding) -> None:
    queries = [[SpanQuery(1, 7, 2, 3, 2, 0.5), SpanQuery(0, 0, 0, 5)], []]
    logits = {"logits": np.log([[1.0, 3.0, 1.0], [2.0, 1.0, 1.0]])}
    (prediction, empty) = CONDITIONED.decode(logits, [row, row], queries)
    fifth, quarter = approx(0.2), approx(0.25)
    condition = LabelScore(ASPECTS[2], 0.5)
    assert prediction.spans == (
        SpanPrediction(1, 7, "negative", approx(0.6), condition, (fifth, approx(0.6), fifth)),
        SpanPrediction(0, 0, "positive", approx(0.5), None, (approx(0.5), quarter, quarter)),
    )
    assert empty == SpansPrediction(())
    plain = PLAIN.decode(logits, [row, row])
    assert [[(s.start, s.end, s.label) for s in item.spans] for item in plain] == [
        [(0, 0, "negative")],
        [(0, 0, "positive")],
    ]


def test_decoder_is_rebuilt_from_its_fields() -> None:
    facts = {
        "labels": list(LABELS),
        "spans_from": "ner",
        "condition": {"layer": "aspect", "labels": list(ASPECTS), "predicted_by": "category"},
    }
    assert SpanDecoder.from_facts(facts) == CONDITIONED
    assert SpanDecoder.from_facts({**facts, "condition": None}) == PLAIN


@pytest.mark.parametrize(
    ("spans", "size", "parts"),
    [(0, 9, [0]), (5, 9, [5]), (5, 2**24, [2, 2, 1]), (2, 2**30, [1, 1]), (3, 0, [3])],
)
def test_parts_fit_into_memory(spans: int, size: int, parts: list[int]) -> None:
    table = np.arange(6 * spans).reshape(-1, 6)
    split = split_table(table, size)
    assert [len(part) for part in split] == parts
    assert np.concatenate(split).tolist() == table.tolist()
