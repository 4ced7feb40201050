"""Answers become single decisions, each kind of task by its own rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.documents import SpanPrediction, SpansPrediction
from arabic_mtl.evaluation import Answer
from arabic_mtl.evaluation.decisions import decisions
from arabic_mtl.tasks import SequenceClassification, Task
from arabic_mtl.tasks.metrics import MicroF1
from support.answers import (
    MULTI,
    POLARITIES,
    SEQUENCE,
    SPAN,
    TOKEN,
    answer,
    chosen,
    label,
    several,
    span,
)


def facts(task: Task, *answers: Answer) -> list[tuple[Any, ...]]:
    """Gold, found, score and place of each decision."""
    return [(d.gold, d.found, d.score, d.place) for d in decisions(task, "t", answers)]


def test_a_text_has_one_decision() -> None:
    one = chosen("negative", [0.6, 0.3, 0.1])
    assert facts(SEQUENCE, one) == [("negative", "positive", 0.6, None)]
    assert decisions(SEQUENCE, "t", [one])[0].answer is one


def test_given_spans_are_compared_in_their_order() -> None:
    gold = [span(0, 0, "positive"), span(0, 0, "negative"), span(0, 6, "neutral")]
    found = [span(0, 0, "negative", 0.7), span(0, 0, "positive", 0.8), span(0, 6, "neutral", 0.9)]
    assert facts(SPAN, answer(gold, found)) == [
        ("positive", "negative", 0.7, (0, 0)),
        ("negative", "positive", 0.8, (0, 0)),
        ("neutral", "neutral", 0.9, (0, 6)),
    ]


def test_of_several_labels_those_that_are_gold_or_found_count() -> None:
    assert facts(MULTI, several(["A#X", "B#Y"], [0.9, 0.2, 0.6])) == [
        ("A#X", "A#X", 0.9, None),
        ("B#Y", None, 0.8, None),
        (None, "C#Z", 0.6, None),
    ]
    assert facts(MULTI, several([], [0.1, 0.2, 0.3])) == []


def test_spans_are_paired_where_both_ends_are_equal() -> None:
    gold = [span(0, 6, "ROOMS"), span(8, 14, "SERVICE"), span(20, 25, "ROOMS")]
    found = [
        span(0, 6, "ROOMS", 0.9),
        span(7, 14, "SERVICE", 0.8),  # one letter too many
        span(20, 25, "SERVICE", 0.7),
    ]
    assert facts(TOKEN, answer(gold, found)) == [
        ("ROOMS", "ROOMS", 0.9, (0, 6)),
        ("SERVICE", None, None, (8, 14)),
        ("ROOMS", "SERVICE", 0.7, (20, 25)),
        (None, "SERVICE", 0.8, (7, 14)),
    ]


def test_an_equal_span_is_right_whatever_else_is_at_its_place() -> None:
    gold = [span(0, 6, "ROOMS"), span(0, 6, "SERVICE"), span(0, 6, "SERVICE")]
    found = [span(0, 6, "SERVICE", 0.9)]
    assert facts(TOKEN, answer(gold, found)) == [
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
def test_right_missed_and_spurious_spans_make_the_f1_of_the_task(
    pairs: Sequence[tuple[list[Any], list[Any]]],
) -> None:
    made = decisions(TOKEN, "t", [answer(gold, found) for gold, found in pairs])
    right = sum(d.is_right for d in made)
    total = sum((d.gold is not None) + (d.found is not None) for d in made)
    metric = MicroF1(TOKEN.labels, "found spans")
    for gold, found in pairs:
        metric.update([0], [spans(gold)], [spans(found)])
    assert float(metric.compute()[0]) == pytest.approx(2 * right / max(total, 1))


def test_unlabelled_texts_are_passed_over() -> None:
    for task, found in ((SEQUENCE, label("positive", 0.9)), (SPAN, []), (TOKEN, []), (MULTI, [])):
        assert decisions(task, "t", [answer(None, found, [0.9, 0.1, 0.0])]) == []


def test_values_have_no_decisions() -> None:
    class Graded(SequenceClassification):
        decisions = Task.decisions

    graded = Graded(corpus="texts", layer="any", labels=POLARITIES)
    assert decisions(graded, "t", [chosen("positive", [0.9, 0.1, 0.0])]) == []
