"""Scores from counts are those of the tasks' metrics, and of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from arabic_mtl.evaluation import Answer
from arabic_mtl.evaluation.counts import accuracy, counts, macro_f1, micro_f1
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    TokenClassification,
)

LABELS = ("A", "B", "C")
SEQUENCE = SequenceClassification(corpus="texts", layer="polarity", labels=LABELS)
SEVERAL = MultiLabelClassification(corpus="texts", layer="category", labels=LABELS)
SPANS = SpanClassification(corpus="texts", layer="polarity", labels=LABELS)
TAGS = TokenClassification(corpus="texts", layer="entity", labels=LABELS)


def answer(gold: Any, found: Any, name: str = "task") -> Answer:
    return Answer(
        corpus="texts",
        id="1",
        group="1",
        text="",
        pair=None,
        gold={name: gold},
        found={name: found},
        probabilities={},
    )


def label(name: str, start: int | None = None, end: int | None = None) -> dict[str, Any]:
    place = {} if start is None else {"start": start, "end": end}
    return {"label": name, "score": 0.5, **place}


def test_items_of_a_text_are_counted_label_by_label() -> None:
    gold = [label("A", 0, 3), label("B", 4, 6), label("B", 8, 9)]
    found = [label("A", 0, 3), label("C", 4, 6), label("B", 8, 10)]
    table = counts([answer(gold, found)], "task", TAGS)
    assert table.tolist() == [[[1, 1, 1], [0, 1, 2], [0, 1, 0]]]  # right, found, gold
    whole = table.sum(axis=0)
    assert micro_f1(whole) == pytest.approx(1 / 3)
    assert macro_f1(whole) == pytest.approx((1 + 0 + 0) / 3)
    assert accuracy(whole) == pytest.approx(1 / 3)


def test_equal_items_are_counted_as_often_as_they_are_given() -> None:
    gold, found = [label("A", 0, 0), label("A", 0, 0)], [label("A", 0, 0), label("B", 0, 0)]
    table = counts([answer(gold, found)], "task", SPANS)
    assert table.tolist() == [[[1, 1, 2], [0, 1, 0], [0, 0, 0]]]


def test_given_spans_are_told_apart_by_their_number() -> None:
    gold, found = [label("A", 0, 0), label("B", 0, 0)], [label("B", 0, 0), label("A", 0, 0)]
    whole = counts([answer(gold, found)], "task", SPANS).sum(axis=0)
    assert whole.tolist() == [[0, 1, 1], [0, 1, 1], [0, 0, 0]]
    assert accuracy(whole) == 0


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1))
def test_given_spans_at_one_place_are_scored_as_by_sklearn(pairs: list[tuple[str, str]]) -> None:
    gold, found = zip(*pairs, strict=True)
    null = [[label(name, 0, 0) for name in side] for side in (gold, found)]
    whole = counts([answer(*null)], "task", SPANS).sum(axis=0)
    assert accuracy(whole) == pytest.approx(accuracy_score(gold, found))
    assert macro_f1(whole) == pytest.approx(f1_score(gold, found, average="macro"))


def test_texts_without_gold_count_nothing() -> None:
    table = counts([answer(None, [label("A")])], "task", SEVERAL)
    assert table.sum() == 0
    assert micro_f1(table.sum(axis=0)) == 0


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1))
def test_classification_is_scored_as_by_sklearn(pairs: list[tuple[str, str]]) -> None:
    answers = [answer(label(gold), label(found)) for gold, found in pairs]
    whole = counts(answers, "task", SEQUENCE).sum(axis=0)
    gold, found = zip(*pairs, strict=True)
    assert accuracy(whole) == pytest.approx(accuracy_score(gold, found))
    assert macro_f1(whole) == pytest.approx(f1_score(gold, found, average="macro"))


several = st.lists(st.sampled_from(LABELS), unique=True)


@given(st.lists(st.tuples(several, several), min_size=1))
def test_several_labels_are_scored_as_by_sklearn(pairs: list[tuple[list[str], list[str]]]) -> None:
    answers = [answer([label(g) for g in gold], [label(f) for f in found]) for gold, found in pairs]
    whole = counts(answers, "task", SEVERAL).sum(axis=0)
    hot = [np.array([[n in side for n in LABELS] for side in sides]) for sides in zip(*pairs)]  # noqa: B905
    expected = f1_score(*hot, average="micro", zero_division=0)
    assert micro_f1(whole) == pytest.approx(expected)
