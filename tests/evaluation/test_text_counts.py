"""Scores from counts are those of the tasks' metrics, and of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from arabic_mtl.evaluation import Answer
from arabic_mtl.evaluation.classes import sums_of
from arabic_mtl.tasks import LabelTask
from arabic_mtl.tasks.metrics import Accuracy, Counted, Floats, LabelMetric, MacroF1, MicroF1
from support.answers import answer, label, of_each_kind, span

LABELS = ("A", "B", "C")
SEQUENCE, SPANS, TAGS, SEVERAL = of_each_kind(*LABELS)
ITEMS: dict[type[LabelTask], Counted] = {
    type(SEQUENCE): "texts",
    type(SPANS): "given spans",
    type(TAGS): "found spans",
    type(SEVERAL): "texts",
}


def counts(answers: list[Answer], name: str, task: LabelTask) -> Floats:
    """The table of each text: right, predicted and gold items of each label."""
    return sums_of(answers, name, MicroF1(LABELS, ITEMS[type(task)]))


def value(kind: type[LabelMetric], table: Floats) -> float:
    return float(kind(LABELS, "texts").value(table))


def micro_f1(table: Floats) -> float:
    return value(MicroF1, table)


def macro_f1(table: Floats) -> float:
    return value(MacroF1, table)


def accuracy(table: Floats) -> float:
    return value(Accuracy, table)


def test_items_of_a_text_are_counted_label_by_label() -> None:
    gold = [span(0, 3, "A"), span(4, 6, "B"), span(8, 9, "B")]
    found = [span(0, 3, "A"), span(4, 6, "C"), span(8, 10, "B")]
    table = counts([answer(gold, found)], "t", TAGS)
    assert table.tolist() == [[[1, 1, 1], [0, 1, 2], [0, 1, 0]]]  # right, found, gold
    whole = table.sum(axis=0)
    assert micro_f1(whole) == pytest.approx(1 / 3)
    assert macro_f1(whole) == pytest.approx((1 + 0 + 0) / 3)
    assert accuracy(whole) == pytest.approx(1 / 3)


def test_equal_items_are_counted_as_often_as_they_are_given() -> None:
    gold, found = [span(0, 0, "A"), span(0, 0, "A")], [span(0, 0, "A"), span(0, 0, "B")]
    table = counts([answer(gold, found)], "t", SPANS)
    assert table.tolist() == [[[1, 1, 2], [0, 1, 0], [0, 0, 0]]]


def test_given_spans_are_told_apart_by_their_number() -> None:
    gold, found = [span(0, 0, "A"), span(0, 0, "B")], [span(0, 0, "B"), span(0, 0, "A")]
    whole = counts([answer(gold, found)], "t", SPANS).sum(axis=0)
    assert whole.tolist() == [[0, 1, 1], [0, 1, 1], [0, 0, 0]]
    assert accuracy(whole) == 0


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1))
def test_given_spans_at_one_place_are_scored_as_by_sklearn(pairs: list[tuple[str, str]]) -> None:
    gold, found = zip(*pairs, strict=True)
    null = [[span(0, 0, name) for name in side] for side in (gold, found)]
    whole = counts([answer(*null)], "t", SPANS).sum(axis=0)
    assert accuracy(whole) == pytest.approx(accuracy_score(gold, found))
    assert macro_f1(whole) == pytest.approx(f1_score(gold, found, average="macro"))


def test_texts_without_gold_count_nothing() -> None:
    table = counts([answer(None, [label("A")])], "t", SEVERAL)
    assert table.sum() == 0
    assert micro_f1(table.sum(axis=0)) == 0


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1))
def test_classification_is_scored_as_by_sklearn(pairs: list[tuple[str, str]]) -> None:
    answers = [answer(label(gold), label(found)) for gold, found in pairs]
    whole = counts(answers, "t", SEQUENCE).sum(axis=0)
    gold, found = zip(*pairs, strict=True)
    assert accuracy(whole) == pytest.approx(accuracy_score(gold, found))
    assert macro_f1(whole) == pytest.approx(f1_score(gold, found, average="macro"))


several = st.lists(st.sampled_from(LABELS), unique=True)


@given(st.lists(st.tuples(several, several), min_size=1))
def test_several_labels_are_scored_as_by_sklearn(pairs: list[tuple[list[str], list[str]]]) -> None:
    answers = [answer([label(g) for g in gold], [label(f) for f in found]) for gold, found in pairs]
    whole = counts(answers, "t", SEVERAL).sum(axis=0)
    hot = [np.array([[n in side for n in LABELS] for side in sides]) for sides in zip(*pairs)]  # noqa: B905
    expected = f1_score(*hot, average="micro", zero_division=0)
    assert micro_f1(whole) == pytest.approx(expected)
