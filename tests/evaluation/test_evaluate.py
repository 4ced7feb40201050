"""Predictions of any system: their order, their contents, and the same from a Trainer."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.baselines.majority import Majority
from arabic_mtl.callbacks.predictions import PredictionCollector
from arabic_mtl.data import MultiTaskData
from arabic_mtl.documents import (
    LabelScore,
    Prediction,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
    ValuePrediction,
)
from arabic_mtl.evaluation import PredictedExample, evaluate, read_predictions, write_predictions
from arabic_mtl.evaluation.predicted import from_json, to_json
from support.systems import gold_logits
from support.training import hotel_data, quiet_trainer, small_module


@pytest.fixture
def data(tmp_path: Path) -> MultiTaskData:
    made = hotel_data(tmp_path)
    made.prepare_data()
    made.setup()
    return made


def bare(prediction: Prediction | None) -> Any:
    """Returns the labels of a prediction, with offsets and without probabilities."""
    if isinstance(prediction, TextPrediction):
        return sorted(label.label for label in prediction.labels)
    if isinstance(prediction, SpansPrediction):
        return [(s.start, s.end, s.label) for s in prediction.spans], prediction.tags
    return prediction


def test_a_perfect_system_predicts_gold(data: MultiTaskData) -> None:
    scores, examples = evaluate(gold_logits(data), data, "validation")
    assert [scores[f"{n}/{t.main_metric}"] for n, t in data.tasks.items()] == [1.0] * 4
    assert scores["mean"] == 1.0
    assert [(a.corpus, a.id) for a in examples][:2] == [("texts", "h0-0:0"), ("texts", "h0-0:1")]
    assert [a.number for a in examples] == [*range(36), *range(18)]
    assert [a.corpus for a in examples] == ["texts"] * 36 + ["pairs"] * 18
    for example in examples:
        gold = {name: bare(value) for name, value in example.gold.items()}
        assert {name: bare(value) for name, value in example.predicted.items()} == gold


def test_an_example_has_text_gold_and_probabilities(data: MultiTaskData) -> None:
    _, examples = evaluate(gold_logits(data), data, "validation")
    first = examples[0]
    assert first.text == "كانت الغرفة ممتازة جدا في الليلة 0"
    assert (first.group, first.pair) == ("validation-r0", None)
    assert first.gold == {
        "span": SpansPrediction((SpanPrediction(5, 11, "positive"),)),
        "ner": SpansPrediction((SpanPrediction(5, 11, "ROOMS"),), (0, 1, 0, 0, 0, 0, 0)),
        "category": TextPrediction((LabelScore("ROOMS#GENERAL"),)),
    }
    likely = math.exp(9) / (math.exp(9) + 2)  # softmax of 9, 0, 0
    rest = (1 - likely) / 2
    (span,) = first.predicted["span"].spans  # type: ignore[union-attr]
    assert span.distribution == pytest.approx((likely, rest, rest))
    category = first.predicted["category"]
    assert isinstance(category, TextPrediction)
    assert sorted(category.distribution)[-2:] == pytest.approx(
        [1 / (1 + math.exp(s)) for s in (9, -9)]
    )
    pair = examples[36]
    assert (pair.id, pair.pair) == ("h0-0:0/0", "الغرفة")
    assert pair.gold == {"pair": TextPrediction((LabelScore("positive"),))}
    predicted = pair.predicted["pair"]
    assert isinstance(predicted, TextPrediction)
    assert predicted.distribution == pytest.approx((likely, rest, rest))


def test_a_trainer_collects_the_same_predictions(data: MultiTaskData, tmp_path: Path) -> None:
    collector, module = PredictionCollector(), small_module(data)
    trainer = quiet_trainer(tmp_path, collector, limit_val_batches=1.0)
    for split, run in (("validation", trainer.validate), ("test", trainer.test)):
        collector.request()
        (logged,) = run(module, datamodule=data, verbose=False)
        scores, examples = evaluate(module.eval(), data, split)  # type: ignore[arg-type]
        assert collector.predictions(trainer, data, split) == examples  # type: ignore[arg-type]
        stage = {"validation": "val", "test": "test"}[split]
        assert {f"{stage}/{name}": value for name, value in scores.items()} == pytest.approx(logged)
    trainer.validate(module, datamodule=data, verbose=False)  # not requested
    assert collector.predictions(trainer, data, "validation") == []


def test_the_majority_is_a_system(data: MultiTaskData) -> None:
    _, examples = evaluate(Majority(data), data, "validation")
    found = [example.predicted[name] for example in examples for name in example.predicted]
    spans = [
        span.label for each in found if isinstance(each, SpansPrediction) for span in each.spans
    ]
    assert set(spans) == {"positive"}  # the tagger predicts none


def test_predictions_are_read_as_written(data: MultiTaskData, tmp_path: Path) -> None:
    _, examples = evaluate(Majority(data), data, "validation")
    write_predictions(tmp_path / "answers.jsonl", examples)
    again: list[PredictedExample] = list(read_predictions(tmp_path / "answers.jsonl"))
    assert again == [without_tags(example) for example in examples]
    assert (tmp_path / "answers.jsonl").read_text(encoding="utf-8").count("كانت") == 18 + 9


def without_tags(example: PredictedExample) -> PredictedExample:
    """Returns an example without tags, which files do not store."""
    sides = (example.gold, example.predicted)
    gold, predicted = ({name: _untagged(each) for name, each in side.items()} for side in sides)
    return replace(example, gold=gold, predicted=predicted)


def _untagged(prediction: Any) -> Any:
    return replace(prediction, tags=()) if isinstance(prediction, SpansPrediction) else prediction


def test_predictions_are_stored_in_full_precision() -> None:
    third = 1 / 3
    condition = LabelScore("A#X", third)
    predictions: list[Prediction] = [
        TextPrediction((), ()),
        TextPrediction((LabelScore("a", third),), (third, 2 / 3)),
        SpansPrediction((SpanPrediction(0, 0, "b", third, condition, (third, 2 / 3)),)),
        SpansPrediction(()),
        ValuePrediction(third),
    ]
    for prediction in predictions:
        assert from_json(json.loads(json.dumps(to_json(prediction)))) == prediction
