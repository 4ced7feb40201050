"""Counts per text, and the scores computed from them, against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from arabic_mtl.evaluation import PredictedExample
from arabic_mtl.evaluation.classes import per_text_sums
from arabic_mtl.tasks import LabelTask
from arabic_mtl.tasks.metrics import Accuracy, Counted, Floats, LabelMetric, MacroF1, MicroF1
from support.predicted import all_kinds, label, predicted_example, span

LABELS = ("A", "B", "C")
SEQUENCE, SPANS, TAGS, SEVERAL = all_kinds(*LABELS)
ITEMS: dict[type[LabelTask], Counted] = {
    type(SEQUENCE): "texts",
    type(SPANS): "gold spans",
    type(TAGS): "predicted spans",
    type(SEVERAL): "texts",
}


def counts(examples: list[PredictedExample], name: str, task: LabelTask) -> Floats:
    """Returns the table of each text: correct, predicted and gold items of each label."""
    return per_text_sums(examples, name, MicroF1(LABELS, ITEMS[type(task)]))


def value(kind: type[LabelMetric], table: Floats) -> float:
    return float(kind(LABELS, "texts").value(table))


def micro_f1(table: Floats) -> float:
    return value(MicroF1, table)


def macro_f1(table: Floats) -> float:
    return value(MacroF1, table)


def accuracy(table: Floats) -> float:
    return value(Accuracy, table)


def test_counts_items_per_label() -> None:
    gold = [span(0, 3, "A"), span(4, 6, "B"), span(8, 9, "B")]
    predicted = [span(0, 3, "A"), span(4, 6, "C"), span(8, 10, "B")]
    table = counts([predicted_example(gold, predicted)], "t", TAGS)
    assert table.tolist() == [[[1, 1, 1], [0, 1, 2], [0, 1, 0]]]  # correct, predicted, gold
    whole = table.sum(axis=0)
    assert micro_f1(whole) == pytest.approx(1 / 3)
    assert macro_f1(whole) == pytest.approx((1 + 0 + 0) / 3)
    assert accuracy(whole) == pytest.approx(1 / 3)


def test_counts_repeated_items_separately() -> None:
    gold, predicted = [span(0, 0, "A"), span(0, 0, "A")], [span(0, 0, "A"), span(0, 0, "B")]
    table = counts([predicted_example(gold, predicted)], "t", SPANS)
    assert table.tolist() == [[[1, 1, 2], [0, 1, 0], [0, 0, 0]]]


def test_counts_gold_spans_by_index() -> None:
    gold, predicted = [span(0, 0, "A"), span(0, 0, "B")], [span(0, 0, "B"), span(0, 0, "A")]
    whole = counts([predicted_example(gold, predicted)], "t", SPANS).sum(axis=0)
    assert whole.tolist() == [[0, 1, 1], [0, 1, 1], [0, 0, 0]]
    assert accuracy(whole) == 0


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1))
def test_spans_with_equal_offsets_match_sklearn(pairs: list[tuple[str, str]]) -> None:
    gold, predicted = zip(*pairs, strict=True)
    null = [[span(0, 0, name) for name in side] for side in (gold, predicted)]
    whole = counts([predicted_example(*null)], "t", SPANS).sum(axis=0)
    assert accuracy(whole) == pytest.approx(accuracy_score(gold, predicted))
    assert macro_f1(whole) == pytest.approx(f1_score(gold, predicted, average="macro"))


def test_texts_without_gold_are_not_counted() -> None:
    table = counts([predicted_example(None, [label("A")])], "t", SEVERAL)
    assert table.sum() == 0
    assert micro_f1(table.sum(axis=0)) == 0


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1))
def test_single_labels_match_sklearn(pairs: list[tuple[str, str]]) -> None:
    examples = [predicted_example(label(gold), label(predicted)) for gold, predicted in pairs]
    whole = counts(examples, "t", SEQUENCE).sum(axis=0)
    gold, predicted = zip(*pairs, strict=True)
    assert accuracy(whole) == pytest.approx(accuracy_score(gold, predicted))
    assert macro_f1(whole) == pytest.approx(f1_score(gold, predicted, average="macro"))


several = st.lists(st.sampled_from(LABELS), unique=True)


@given(st.lists(st.tuples(several, several), min_size=1))
def test_multiple_labels_match_sklearn(pairs: list[tuple[list[str], list[str]]]) -> None:
    examples = [
        predicted_example([label(g) for g in gold], [label(f) for f in predicted])
        for gold, predicted in pairs
    ]
    whole = counts(examples, "t", SEVERAL).sum(axis=0)
    hot = [np.array([[n in side for n in LABELS] for side in sides]) for sides in zip(*pairs)]  # noqa: B905
    expected = f1_score(*hot, average="micro", zero_division=0)
    assert micro_f1(whole) == pytest.approx(expected)
