"""Merging of all tasks' predictions into one annotation."""

from __future__ import annotations

import pytest

from arabic_mtl.decoders import Decoder, MultiLabelDecoder, SpanCondition, SpanDecoder, TokenDecoder
from arabic_mtl.decoders.roles import roles_of
from arabic_mtl.documents import (
    LabelScore,
    Prediction,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
    ValuePrediction,
)
from arabic_mtl.evaluation import PredictedExample
from arabic_mtl.evaluation.opinions import OpinionTasks
from arabic_mtl.formats.xml.opinions import opinions
from arabic_mtl.inference.annotation import AnnotationBuilder
from arabic_mtl.tasks import MultiLabelClassification, Task, TokenClassification

TEXT = "غرفة واسعة وموقع بعيد والسعر غال"
CATEGORIES = ("ROOMS#GENERAL", "ROOMS#COMFORT", "LOCATION#GENERAL", "HOTEL#PRICES")
ENTITIES = ("ROOMS", "LOCATION", "FOOD")
DECODERS: dict[str, Decoder] = {
    "what": TokenDecoder(labels=ENTITIES),
    "category": MultiLabelDecoder(labels=CATEGORIES, threshold=0.5),
}
LAYERS = {"what": "entity", "category": "category", "mood": "polarity"}


def builder(decoders: dict[str, Decoder]) -> AnnotationBuilder:
    span_tasks = [name for name, decoder in decoders.items() if decoder.labels_pieces]
    scores = dict.fromkeys(decoders, float)
    layers = {name: LAYERS[name] for name in decoders if name in LAYERS}
    return AnnotationBuilder(decoders, span_tasks, scores, roles_of(layers, decoders))


def spans(*labelled: tuple[int, int, str]) -> SpansPrediction:
    return SpansPrediction(tuple(SpanPrediction(*each, 0.9) for each in labelled))


FOUND: dict[str, Prediction] = {
    "what": spans((0, 4, "ROOMS"), (12, 16, "LOCATION"), (23, 28, "FOOD")),
    "category": TextPrediction(
        (LabelScore("HOTEL#PRICES", 0.9), LabelScore("ROOMS#GENERAL", 0.6)), (0.6, 0.7, 0.2, 0.9)
    ),
}


def test_span_without_category_gets_the_category_of_its_label() -> None:
    annotation = builder(DECODERS).annotation(TEXT, FOUND)
    assert [(s.start, s.end, s.labels.get("category")) for s in annotation.spans] == [
        (0, 4, LabelScore("ROOMS#COMFORT", 0.7)),  # the likeliest, predicted or not
        (12, 16, LabelScore("LOCATION#GENERAL", 0.2)),
        (23, 28, None),  # no category belongs to FOOD
    ]


def test_opinions_equal_those_of_evaluation() -> None:
    annotation = builder(DECODERS).annotation(TEXT, FOUND)
    roles = roles_of({"what": "entity", "category": "category"}, DECODERS)
    written = {(o.start, o.end, o.category) for o in opinions(annotation, roles) if o.category}
    tasks: dict[str, Task] = {
        "what": TokenClassification(corpus="r", layer="entity", labels=ENTITIES),
        "category": MultiLabelClassification(corpus="r", layer="category", labels=CATEGORIES),
    }
    answer = PredictedExample(
        corpus="r", number=0, id="1", group="1", text=TEXT, pair=None, gold={}, predicted=FOUND
    )
    counted = {(o.start, o.end, o.category) for o in OpinionTasks("r", tasks).aspects(answer)}
    assert written == counted
    assert (0, 0, "HOTEL#PRICES") in counted
    assert (0, 0, "ROOMS#GENERAL") in counted  # the span took another


def test_task_may_label_a_span_repeatedly() -> None:
    nested = {"what": spans((0, 3, "ROOMS"), (0, 3, "FOOD"), (0, 3, "ROOMS"))}
    annotation = builder({"what": DECODERS["what"]}).annotation(TEXT, nested)
    assert [(s.start, s.end, s.labels["what"].label) for s in annotation.spans] == [
        (0, 3, "ROOMS"),
        (0, 3, "FOOD"),
        (0, 3, "ROOMS"),
    ]


def test_tasks_share_spans_and_nulls_keep_their_conditions() -> None:
    condition = SpanCondition(layer="aspect", labels=CATEGORIES, predicted_by="category")
    mood = SpanDecoder(labels=("good", "bad"), spans_from="what", condition=condition)
    moods = [
        SpanPrediction(0, 4, "good", 0.8, LabelScore("ROOMS#GENERAL", 0.6)),
        SpanPrediction(0, 0, "bad", 0.7, LabelScore("HOTEL#PRICES", 0.9)),
        SpanPrediction(0, 0, "good", 0.6, LabelScore("LOCATION#GENERAL", 0.5)),
    ]
    found = {"mood": SpansPrediction(tuple(moods)), "what": spans((0, 4, "ROOMS"))}
    annotation = builder({"mood": mood, **DECODERS}).annotation(TEXT, found)
    assert [{name: each.label for name, each in s.labels.items()} for s in annotation.spans] == [
        {"category": "HOTEL#PRICES", "mood": "bad"},
        {"category": "LOCATION#GENERAL", "mood": "good"},
        {"category": "ROOMS#GENERAL", "mood": "good", "what": "ROOMS"},
    ]


@pytest.mark.parametrize("prediction", [None, TextPrediction(()), ValuePrediction(1.5)])
def test_whole_texts_have_labels_or_values(prediction: Prediction | None) -> None:
    annotation = builder(DECODERS).annotation("؟", {"category": prediction})
    if isinstance(prediction, ValuePrediction):
        assert (annotation.labels, annotation.values) == ({}, {"category": 1.5})
        assert annotation.as_dict()["values"] == {"category": 1.5}
    else:
        assert (annotation.labels, annotation.values) == ({"category": ()}, {})
        assert "values" not in annotation.as_dict()
