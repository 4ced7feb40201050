"""Tasks that do not fit the corpora are refused; the error names the key."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from arabic_mtl.data.check import check_tasks
from arabic_mtl.decoders import SpanCondition
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format, SemEval2016
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)

CORPORA: dict[str, Format] = {
    "sentences": SemEval2016(),
    "others": SemEval2016(),
    "opinions": SemEval2016(unit="opinion"),
}
SPAN = SpanClassification(corpus="sentences", layer="polarity", labels=("p",), spans_from="ner")
NER = TokenClassification(corpus="sentences", layer="entity", labels=("E",))
CATEGORY = MultiLabelClassification(corpus="sentences", layer="category", labels=("A",))
PAIR = SequenceClassification(corpus="opinions", layer="polarity", labels=("p",))
KINDS = [
    "SpanClassification",
    "TokenClassification",
    "MultiLabelClassification",
    "SequenceClassification",
]
LAYERS = ["aspect", "category", "entity", "polarity"]


def refusal(tasks: dict[str, Task], corpora: dict[str, Format] = CORPORA) -> tuple[Any, Any, Any]:
    """Returns the names in the rule, the found value, and the expected names."""
    with pytest.raises(InputError) as caught:
        check_tasks(corpora, tasks)
    rule, expected = caught.value.rule, str(caught.value.expected)
    rule_names = (*KINDS, "spans", "labels", "data.corpora")
    names = [*corpora, *tasks, *LAYERS]
    return names_in(rule, rule_names), caught.value.found, names_in(expected, sorted(set(names)))


def names_in(text: str, names: Collection[str]) -> set[str]:
    return {name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)}


def test_valid_tasks_are_accepted() -> None:
    check_tasks(CORPORA, {"sentiment": SPAN, "ner": NER, "category": CATEGORY, "pair": PAIR})
    check_tasks(CORPORA, {"sentiment": replace(SPAN, spans_from=None)})


def test_empty_tasks_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        check_tasks(CORPORA, {})
    assert caught.value.rule.startswith("data.tasks ")


@pytest.mark.parametrize(
    "name", ["", "a.b", "named entities", "1st", "keys", "items", "training", "encoder"]
)
def test_invalid_task_name_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        check_tasks(CORPORA, {name: NER})
    assert caught.value.found == f"data.tasks.{name}: {name!r}"
    assert str(caught.value.expected).endswith(" encoder, id, spans, text")


@pytest.mark.parametrize(
    ("corpora", "expected"),
    [
        (CORPORA, {"sentences", "others", "opinions"}),
        ({}, set()),
    ],
)
def test_unknown_corpus(corpora: dict[str, Format], expected: set[str]) -> None:
    tasks: dict[str, Task] = {"ner": replace(NER, corpus="tweets")}
    found = "data.tasks.ner.corpus: tweets"
    assert refusal(tasks, corpora) == ({"data.corpora"}, found, expected)


@pytest.mark.parametrize(
    ("task", "reads", "expected"),
    [
        (replace(SPAN, layer="mood"), "spans", {*LAYERS}),
        (replace(SPAN, corpus="opinions"), "spans", set()),
        (replace(NER, layer="text"), "spans", {*LAYERS}),
        (
            replace(CATEGORY, layer="polarity"),
            "labels",
            {"category", "entity"},
        ),  # one of two corpora lacks it
        (replace(PAIR, layer="aspect"), "labels", {"category", "entity", "polarity"}),
    ],
)
def test_unknown_layer(task: Task, reads: str, expected: set[str]) -> None:
    found = f"data.tasks.mine.layer: {task.layer}"
    assert refusal({"mine": task}) == ({type(task).__name__, reads}, found, expected)


@pytest.mark.parametrize(
    ("other_tasks", "source", "expected"),
    [
        ({}, "ner", set()),
        ({"ner": NER, "tags": NER}, "nre", {"ner", "tags"}),
        ({"ner": NER, "category": CATEGORY}, "category", {"ner"}),
        ({"ner": NER}, "sentiment", {"ner"}),
        ({"ner": replace(NER, corpus="others")}, "ner", set()),
    ],
    ids=["missing", "misspelt", "another kind", "itself", "another corpus"],
)
def test_spans_from_must_name_a_tagger(
    other_tasks: dict[str, Task], source: str, expected: set[str]
) -> None:
    tasks = {"sentiment": replace(SPAN, spans_from=source), **other_tasks}
    found = f"data.tasks.sentiment.spans_from: {source}"
    assert refusal(tasks) == ({"spans"}, found, expected)


CONDITIONED = replace(
    SPAN, condition=SpanCondition(layer="aspect", labels=("A",), predicted_by="category")
)
EVIDENCE = replace(CATEGORY, evidence="category")


def test_valid_conditions_and_evidence_are_accepted() -> None:
    check_tasks(CORPORA, {"sentiment": CONDITIONED, "ner": NER, "category": EVIDENCE})
    unpredicted = replace(CONDITIONED, condition=SpanCondition(layer="aspect", labels=("A",)))
    check_tasks(CORPORA, {"sentiment": unpredicted, "ner": NER})


@pytest.mark.parametrize(
    ("task", "found"),
    [
        (
            replace(CONDITIONED, condition=SpanCondition(layer="mood", labels=("A",))),
            "data.tasks.mine.condition.layer: mood",
        ),
        (replace(CATEGORY, evidence="mood"), "data.tasks.mine.evidence: mood"),
    ],
    ids=["condition", "evidence"],
)
def test_unknown_layer_of_condition_or_evidence(task: Task, found: str) -> None:
    rule = {type(task).__name__, "spans"}
    assert refusal({"mine": task, "ner": NER}) == (rule, found, {*LAYERS})


def test_evidence_requires_a_layer_of_spans() -> None:
    task = MultiLabelClassification(
        corpus="opinions", layer="category", labels=("A",), evidence="category"
    )
    rule = {"MultiLabelClassification", "spans"}
    assert refusal({"mine": task}) == (rule, "data.tasks.mine.evidence: category", set())


@pytest.mark.parametrize(
    ("other_tasks", "expected"),
    [
        ({}, set()),
        ({"labels": CATEGORY}, {"labels"}),
        ({"category": replace(CATEGORY, corpus="others")}, set()),
    ],
    ids=["missing", "another name", "another corpus"],
)
def test_predicted_by_must_name_a_labelling_task(
    other_tasks: dict[str, Task], expected: set[str]
) -> None:
    tasks = {"sentiment": CONDITIONED, "ner": NER, **other_tasks}
    found = "data.tasks.sentiment.condition.predicted_by: category"
    assert refusal(tasks) == ({"labels"}, found, expected)


def test_predicted_labels_must_be_declared() -> None:
    changed = replace(CATEGORY, labels=("B", "A", "C"))
    _, found, _ = refusal({"sentiment": CONDITIONED, "ner": NER, "category": changed})
    assert found.startswith("data.tasks.sentiment.condition.predicted_by: category, ")
    assert found.endswith(" B, C")


def test_a_task_reads_single_texts_or_pairs() -> None:
    task = MultiLabelClassification(
        corpus=("sentences", "opinions"), layer="category", labels=("A",)
    )
    with pytest.raises(InputError) as caught:
        check_tasks(CORPORA, {"category": task})
    assert caught.value.found == "data.tasks.category.corpus: single texts and target"


@pytest.mark.parametrize("option", ["corpus", "layer"])
def test_names_of_corpora_and_layers_are_distinct(option: str) -> None:
    names: dict[str, Any] = {"corpus": "sentences", "layer": "category"}
    for value in ((), ("a", "a")):
        with pytest.raises(InputError, match=f"`{option}`"):
            MultiLabelClassification(**{**names, option: value}, labels=("A",))
