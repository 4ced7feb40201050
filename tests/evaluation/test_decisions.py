"""The decisions of each kind of task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.documents import SpanPrediction, SpansPrediction
from arabic_mtl.evaluation import PredictedExample
from arabic_mtl.evaluation.decisions import decisions
from arabic_mtl.tasks import SequenceClassification, Task
from arabic_mtl.tasks.metrics import MicroF1
from support.predicted import (
    MULTI,
    POLARITIES,
    SEQUENCE,
    SPAN,
    TOKEN,
    label,
    multi_label,
    predicted_example,
    single_label,
    span,
)


def facts(task: Task, *examples: PredictedExample) -> list[tuple[Any, ...]]:
    """Returns gold label, predicted label, score and offsets of each decision."""
    return [(d.gold, d.predicted, d.score, d.offsets) for d in decisions(task, "t", examples)]


def test_a_text_has_one_decision() -> None:
    one = single_label("negative", [0.6, 0.3, 0.1])
    assert facts(SEQUENCE, one) == [("negative", "positive", 0.6, None)]
    assert decisions(SEQUENCE, "t", [one])[0].example is one


def test_gold_spans_are_compared_in_order() -> None:
    gold = [span(0, 0, "positive"), span(0, 0, "negative"), span(0, 6, "neutral")]
    predicted = [
        span(0, 0, "negative", 0.7),
        span(0, 0, "positive", 0.8),
        span(0, 6, "neutral", 0.9),
    ]
    assert facts(SPAN, predicted_example(gold, predicted)) == [
        ("positive", "negative", 0.7, (0, 0)),
        ("negative", "positive", 0.8, (0, 0)),
        ("neutral", "neutral", 0.9, (0, 6)),
    ]


def test_multi_label_counts_gold_and_predicted_labels() -> None:
    assert facts(MULTI, multi_label(["A#X", "B#Y"], [0.9, 0.2, 0.6])) == [
        ("A#X", "A#X", 0.9, None),
        ("B#Y", None, 0.8, None),
        (None, "C#Z", 0.6, None),
    ]
    assert facts(MULTI, multi_label([], [0.1, 0.2, 0.3])) == []


def test_spans_with_equal_offsets_are_paired() -> None:
    gold = [span(0, 6, "ROOMS"), span(8, 14, "SERVICE"), span(20, 25, "ROOMS")]
    predicted = [
        span(0, 6, "ROOMS", 0.9),
        span(7, 14, "SERVICE", 0.8),  # one letter too many
        span(20, 25, "SERVICE", 0.7),
    ]
    assert facts(TOKEN, predicted_example(gold, predicted)) == [
        ("ROOMS", "ROOMS", 0.9, (0, 6)),
        ("SERVICE", None, None, (8, 14)),
        ("ROOMS", "SERVICE", 0.7, (20, 25)),
        (None, "SERVICE", 0.8, (7, 14)),
    ]


def test_an_equal_span_is_correct_despite_other_labels_at_its_offsets() -> None:
    gold = [span(0, 6, "ROOMS"), span(0, 6, "SERVICE"), span(0, 6, "SERVICE")]
    predicted = [span(0, 6, "SERVICE", 0.9)]
    assert facts(TOKEN, predicted_example(gold, predicted)) == [
        ("SERVICE", "SERVICE", 0.9, (0, 6)),
        ("ROOMS", None, None, (0, 6)),
    ]


def spans(items: list[SpanPrediction]) -> SpansPrediction:
    return SpansPrediction(tuple(items))


SPANS = st.lists(
    st.builds(
        span,
        st.integers(0, 2),
        st.integers(3, 4),
        st.sampled_from(TOKEN.labels),
        st.just(0.5),
    ),
    max_size=6,
)


@given(st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=4))
def test_decisions_on_spans_give_the_f1_of_the_task(
    pairs: Sequence[tuple[list[Any], list[Any]]],
) -> None:
    made = decisions(TOKEN, "t", [predicted_example(gold, predicted) for gold, predicted in pairs])
    correct = sum(d.is_correct for d in made)
    total = sum((d.gold is not None) + (d.predicted is not None) for d in made)
    metric = MicroF1(TOKEN.labels, "predicted spans")
    for gold, predicted in pairs:
        metric.update([0], [spans(gold)], [spans(predicted)])
    assert float(metric.compute()[0]) == pytest.approx(2 * correct / max(total, 1))


def test_unlabelled_texts_are_ignored() -> None:
    for task, predicted in (
        (SEQUENCE, label("positive", 0.9)),
        (SPAN, []),
        (TOKEN, []),
        (MULTI, []),
    ):
        assert decisions(task, "t", [predicted_example(None, predicted, [0.9, 0.1, 0.0])]) == []


def test_values_have_no_decisions() -> None:
    class Graded(SequenceClassification):
        decisions = Task.decisions

    graded = Graded(corpus="texts", layer="any", labels=POLARITIES)
    assert decisions(graded, "t", [single_label("positive", [0.9, 0.1, 0.0])]) == []
