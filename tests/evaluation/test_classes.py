"""Scores of each class, beside scikit-learn's, seqeval's and the tasks' own metrics."""

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
from arabic_mtl.evaluation import Answer, class_scores, evaluate
from arabic_mtl.tasks import Task
from support.answers import answer, label, of_each_kind, span
from support.systems import noisy
from support.training import hotel_data

LABELS = ("a", "b", "c")
PAIR, SPAN, TAGS, MANY = of_each_kind(*LABELS)


def answers(*texts: tuple[Any, Any]) -> list[Answer]:
    """Texts of (found, gold)."""
    return [answer(gold, found) for found, gold in texts]


def labelled(labels: str) -> list[dict[str, Any]]:
    """Given spans, all NULL, as two opinions without targets are."""
    return [span(0, 0, name) for name in labels]


def tagged(tags: list[int]) -> list[dict[str, Any]]:
    return [span(start, end, LABELS[number]) for start, end, number in bio.decode(tags)]


def row(precision: float, recall: float, f1: float, support: int) -> dict[str, float]:
    return {"precision": precision, "recall": recall, "f1-score": f1, "support": support}


def test_one_label_of_each_text() -> None:
    pairs = ["aa", "ab", "aa", "ba"]  # found, gold
    given = answers(*[(label(found), label(gold)) for found, gold in pairs])
    assert class_scores([*given, *answers((label("c"), None))], "t", PAIR) == {
        "a": row(2 / 3, 2 / 3, 2 / 3, 3),
        "b": row(0.0, 0.0, 0.0, 1),
        "micro avg": row(2 / 4, 2 / 4, 2 / 4, 4),  # the accuracy
        "macro avg": row(1 / 3, 1 / 3, 1 / 3, 4),  # its recall is the macro accuracy
    }


def test_spans_of_the_same_place_are_told_apart() -> None:
    scores = class_scores(answers((labelled("ab"), labelled("ba"))), "t", SPAN)
    assert scores["micro avg"] == row(0.0, 0.0, 0.0, 2)
    assert class_scores(answers((labelled("ab"), labelled("ab"))), "t", SPAN)["a"]["support"] == 1


def test_a_span_tagged_at_another_place_is_wrong() -> None:
    found, gold = [span(0, 4, "a")], [span(0, 5, "a")]
    assert class_scores(answers((found, gold)), "t", TAGS)["a"] == row(0.0, 0.0, 0.0, 1)
    assert class_scores(answers((gold, gold)), "t", TAGS)["a"] == row(1.0, 1.0, 1.0, 1)


def test_nothing_found_and_nothing_right() -> None:
    nothing = row(0.0, 0.0, 0.0, 0)
    expected = {"micro avg": nothing, "macro avg": nothing}
    assert class_scores(answers(([], [])), "t", TAGS) == expected
    assert class_scores([], "t", TAGS) == expected


def sklearn_rows(report: dict[str, Any]) -> dict[str, Any]:
    rows = {name: dict(of) for name, of in report.items() if isinstance(of, dict)}
    return {name: of for name, of in rows.items() if name not in ("weighted avg", "samples avg")}


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        assert one[name] == pytest.approx(other[name]), name


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_equals_scikit_learns_report_of_one_label(pairs: list[tuple[str, str]]) -> None:
    found, gold = ("".join(side) for side in zip(*pairs, strict=True))
    report = classification_report([*gold], [*found], output_dict=True, zero_division=0)
    for task, texts in (
        (PAIR, answers(*[(label(f), label(g)) for f, g in pairs])),
        (SPAN, answers((labelled(found), labelled(gold)))),
    ):
        scores = class_scores(texts, "t", task)
        assert scores.pop("micro avg")["f1-score"] == pytest.approx(report["accuracy"])
        same(scores, sklearn_rows(report))


sets = st.sets(st.sampled_from("abc"))


@given(st.lists(st.tuples(sets, sets), min_size=1))
def test_equals_scikit_learns_report_of_many_labels(pairs: list[tuple[set[str], set[str]]]) -> None:
    given = answers(*[tuple([label(name) for name in side] for side in p) for p in pairs])
    binary = MultiLabelBinarizer(classes=LABELS)
    found, gold = (binary.fit_transform(side) for side in zip(*pairs, strict=True))
    scores = class_scores(given, "t", MANY)
    occurring = [n for n, name in enumerate(LABELS) if any(name in a | b for a, b in pairs)]
    if not occurring:
        assert scores.keys() == {"micro avg", "macro avg"}
        return  # scikit-learn takes no mean of nothing
    names = [LABELS[n] for n in occurring]
    options = {"labels": occurring, "target_names": names, "output_dict": True, "zero_division": 0}
    same(scores, sklearn_rows(classification_report(gold, found, **options)))


tags = st.integers(1, 8).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 6), min_size=n, max_size=n)] * 2)
)


@given(st.lists(tags, min_size=1, max_size=6))
def test_equals_seqevals_report_of_entities(rows: list[tuple[list[int], list[int]]]) -> None:
    scores = class_scores(
        answers(*[(tagged(found), tagged(gold)) for found, gold in rows]), "t", TAGS
    )
    names = ["O", *(f"{bi}-{label}" for label in LABELS for bi in "BI")]
    found, gold = ([[names[tag] for tag in side] for side in of] for of in zip(*rows, strict=True))
    if scores.keys() == {"micro avg", "macro avg"}:
        return  # seqeval takes no mean of nothing
    report = seqeval_report(gold, found, output_dict=True, zero_division=0)
    same(scores, sklearn_rows(report))


@pytest.mark.parametrize("noise", [0.0, 5.0])
def test_averages_equal_the_metrics_of_the_tasks(tmp_path: Path, noise: float) -> None:
    data = hotel_data(tmp_path)
    data.prepare_data()
    data.setup()
    metrics, given = evaluate(noisy(data, noise), data, "validation")
    tasks: dict[str, Task] = data.tasks
    of = {name: class_scores(given, name, task) for name, task in tasks.items()}
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
        score = of[task][average]["f1-score"]
        assert score == pytest.approx(metrics[f"{task}/{metric}"])
        assert (score == 1.0) == (noise == 0.0)
