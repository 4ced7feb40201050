"""Scores of each class, against scikit-learn, seqeval and the tasks' metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import classification_report as seqeval_report
from sklearn.metrics import classification_report
from sklearn.preprocessing import MultiLabelBinarizer

from arabic_mtl.decoders import bio
from arabic_mtl.evaluation import PredictedExample, class_scores, evaluate
from arabic_mtl.tasks import Task
from support.predicted import all_kinds, label, predicted_example, span
from support.systems import noisy_logits
from support.training import hotel_data

LABELS = ("a", "b", "c")
PAIR, SPAN, TAGS, MANY = all_kinds(*LABELS)


def examples(*texts: tuple[Any, Any]) -> list[PredictedExample]:
    """Returns examples of (predicted, gold)."""
    return [predicted_example(gold, predicted) for predicted, gold in texts]


def labelled(labels: str) -> list[dict[str, Any]]:
    """Returns gold spans without targets (NULL)."""
    return [span(0, 0, name) for name in labels]


def tagged(tags: list[int]) -> list[dict[str, Any]]:
    return [span(start, end, LABELS[number]) for start, end, number in bio.decode(tags)]


def row(precision: float, recall: float, f1: float, support: int) -> dict[str, float]:
    return {"precision": precision, "recall": recall, "f1-score": f1, "support": support}


def test_one_label_of_each_text() -> None:
    pairs = ["aa", "ab", "aa", "ba"]  # predicted, gold
    given = examples(*[(label(predicted), label(gold)) for predicted, gold in pairs])
    assert class_scores([*given, *examples((label("c"), None))], "t", PAIR) == {
        "a": row(2 / 3, 2 / 3, 2 / 3, 3),
        "b": row(0.0, 0.0, 0.0, 1),
        "micro avg": row(2 / 4, 2 / 4, 2 / 4, 4),  # the accuracy
        "macro avg": row(1 / 3, 1 / 3, 1 / 3, 4),  # its recall is the macro accuracy
    }


def test_spans_with_equal_offsets_are_counted_separately() -> None:
    scores = class_scores(examples((labelled("ab"), labelled("ba"))), "t", SPAN)
    assert scores["micro avg"] == row(0.0, 0.0, 0.0, 2)
    assert class_scores(examples((labelled("ab"), labelled("ab"))), "t", SPAN)["a"]["support"] == 1


def test_a_span_with_other_offsets_is_wrong() -> None:
    predicted, gold = [span(0, 4, "a")], [span(0, 5, "a")]
    assert class_scores(examples((predicted, gold)), "t", TAGS)["a"] == row(0.0, 0.0, 0.0, 1)
    assert class_scores(examples((gold, gold)), "t", TAGS)["a"] == row(1.0, 1.0, 1.0, 1)


def test_no_gold_and_no_predicted_spans() -> None:
    nothing = row(0.0, 0.0, 0.0, 0)
    expected = {"micro avg": nothing, "macro avg": nothing}
    assert class_scores(examples(([], [])), "t", TAGS) == expected
    assert class_scores([], "t", TAGS) == expected


def sklearn_rows(report: dict[str, Any]) -> dict[str, Any]:
    rows = {name: dict(row) for name, row in report.items() if isinstance(row, dict)}
    return {name: row for name, row in rows.items() if name not in ("weighted avg", "samples avg")}


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        assert one[name] == pytest.approx(other[name]), name


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_equals_scikit_learns_report_of_one_label(pairs: list[tuple[str, str]]) -> None:
    predicted, gold = ("".join(side) for side in zip(*pairs, strict=True))
    report = classification_report([*gold], [*predicted], output_dict=True, zero_division=0)
    for task, texts in (
        (PAIR, examples(*[(label(f), label(g)) for f, g in pairs])),
        (SPAN, examples((labelled(predicted), labelled(gold)))),
    ):
        scores = class_scores(texts, "t", task)
        assert scores.pop("micro avg")["f1-score"] == pytest.approx(report["accuracy"])
        same(scores, sklearn_rows(report))


sets = st.sets(st.sampled_from("abc"))


@given(st.lists(st.tuples(sets, sets), min_size=1))
def test_equals_scikit_learns_report_of_many_labels(pairs: list[tuple[set[str], set[str]]]) -> None:
    given = examples(*[tuple([label(name) for name in side] for side in p) for p in pairs])
    binary = MultiLabelBinarizer(classes=LABELS)
    predicted, gold = (binary.fit_transform(side) for side in zip(*pairs, strict=True))
    scores = class_scores(given, "t", MANY)
    occurring = [n for n, name in enumerate(LABELS) if any(name in a | b for a, b in pairs)]
    if not occurring:
        assert scores.keys() == {"micro avg", "macro avg"}
        return  # scikit-learn returns no mean without classes
    names = [LABELS[n] for n in occurring]
    options = {"labels": occurring, "target_names": names, "output_dict": True, "zero_division": 0}
    same(scores, sklearn_rows(classification_report(gold, predicted, **options)))


tags = st.integers(1, 8).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 6), min_size=n, max_size=n)] * 2)
)


@given(st.lists(tags, min_size=1, max_size=6))
def test_equals_seqevals_report_of_entities(rows: list[tuple[list[int], list[int]]]) -> None:
    scores = class_scores(
        examples(*[(tagged(predicted), tagged(gold)) for predicted, gold in rows]), "t", TAGS
    )
    names = ["O", *(f"{bi}-{label}" for label in LABELS for bi in "BI")]
    sides = zip(*rows, strict=True)
    predicted, gold = ([[names[tag] for tag in text] for text in side] for side in sides)
    if scores.keys() == {"micro avg", "macro avg"}:
        return  # seqeval returns no mean without classes
    report = seqeval_report(gold, predicted, output_dict=True, zero_division=0)
    same(scores, sklearn_rows(report))


@pytest.mark.parametrize("noise", [0.0, 5.0])
def test_averages_equal_the_metrics_of_the_tasks(tmp_path: Path, noise: float) -> None:
    data = hotel_data(tmp_path)
    data.prepare_data()
    data.setup()
    metrics, given = evaluate(noisy_logits(data, noise), data, "validation")
    tasks: dict[str, Task] = data.tasks
    by_task = {name: class_scores(given, name, task) for name, task in tasks.items()}
    equal = {
        ("span", "micro avg"): "accuracy",
        ("span", "macro avg"): "macro_f1",
        ("pair", "micro avg"): "accuracy",
        ("pair", "macro avg"): "macro_f1",
        ("ner", "micro avg"): "f1",
        ("category", "micro avg"): "micro_f1",
        ("category", "macro avg"): "macro_f1",
    }
    for (task, average), metric in equal.items():
        score = by_task[task][average]["f1-score"]
        assert score == pytest.approx(metrics[f"{task}/{metric}"])
        assert (score == 1.0) == (noise == 0.0)
