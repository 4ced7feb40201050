"""Tasks that no corpus can serve are refused, by their key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from arabic_mtl.corpora import Corpus, SemEval2016
from arabic_mtl.data.check import check_tasks
from arabic_mtl.decoding import Given
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)

CORPORA: dict[str, Corpus] = {
    "sentences": SemEval2016(),
    "others": SemEval2016(),
    "opinions": SemEval2016(unit="opinion"),
}
SPAN = SpanClassification(corpus="sentences", layer="polarity", labels=("p",), spans_from="ner")
NER = TokenClassification(corpus="sentences", layer="entity", labels=("E",))
CATEGORY = MultiLabelClassification(corpus="sentences", layer="category", labels=("A",))
PAIR = SequenceClassification(corpus="opinions", layer="polarity", labels=("p",))
KNOWN = "a SpanClassification reads a layer of spans that its corpus has"
TAGGER = "what a task builds on comes from a TokenClassification on the same corpus"
LABELLER = "what a task builds on comes from a MultiLabelClassification on the same corpus"


def refusal(tasks: dict[str, Task], corpora: dict[str, Corpus] = CORPORA) -> tuple[Any, Any, Any]:
    with pytest.raises(InputError) as caught:
        check_tasks(corpora, tasks)
    return caught.value.rule, caught.value.found, caught.value.expected


def test_tasks_that_fit() -> None:
    check_tasks(CORPORA, {"sentiment": SPAN, "ner": NER, "category": CATEGORY, "pair": PAIR})
    check_tasks(CORPORA, {"sentiment": replace(SPAN, spans_from=None)})


def test_no_tasks() -> None:
    assert refusal({}) == ("there is something to learn", "no data.tasks", "a task")


@pytest.mark.parametrize(
    "name", ["", "a.b", "named entities", "1st", "keys", "items", "training", "encoder"]
)
def test_name_that_cannot_name_a_head(name: str) -> None:
    rule, found, expected = refusal({name: NER})
    assert rule == "a task's name can name its head in the model"
    assert found == f"data.tasks.{name}: {name!r}"
    assert expected == (
        "letters, digits and _, such as sentiment; none of torch's own names, nor "
        "encoder, id, spans, text"
    )


@pytest.mark.parametrize(
    ("corpora", "expected"),
    [
        (CORPORA, "one of sentences, others, opinions"),
        ({}, "one of them, but there are none"),
    ],
)
def test_unknown_corpus(corpora: dict[str, Corpus], expected: str) -> None:
    tasks: dict[str, Task] = {"ner": replace(NER, corpus="tweets")}
    rule, found = "a task reads one of data.corpora", "data.tasks.ner.corpus: tweets"
    assert refusal(tasks, corpora) == (rule, found, expected)


@pytest.mark.parametrize(
    ("task", "rule", "expected"),
    [
        (replace(SPAN, layer="mood"), KNOWN, "one of aspect, category, entity, polarity"),
        (
            replace(SPAN, corpus="opinions"),
            KNOWN,
            "one of none: the corpus has no such layers",
        ),
        (
            replace(NER, layer="text"),
            "a TokenClassification reads a layer of spans that its corpus has",
            "one of aspect, category, entity, polarity",
        ),
        (
            replace(CATEGORY, layer="polarity"),  # sentences have no one polarity
            "a MultiLabelClassification reads a layer of labels that its corpus has",
            "one of category, entity",
        ),
        (
            replace(PAIR, layer="aspect"),
            "a SequenceClassification reads a layer of labels that its corpus has",
            "one of category, entity, polarity",
        ),
    ],
)
def test_unknown_layer(task: Task, rule: str, expected: str) -> None:
    found = f"data.tasks.mine.layer: {task.layer}"
    assert refusal({"mine": task}) == (rule, found, expected)


@pytest.mark.parametrize(
    ("others", "source", "expected"),
    [
        ({}, "ner", "one of none: there is no such task"),
        ({"ner": NER, "tags": NER}, "nre", "one of ner, tags"),
        ({"ner": NER, "category": CATEGORY}, "category", "one of ner"),
        ({"ner": NER}, "sentiment", "one of ner"),
        ({"ner": replace(NER, corpus="others")}, "ner", "one of none: there is no such task"),
    ],
    ids=["missing", "misspelt", "another kind", "itself", "another corpus"],
)
def test_spans_from_no_tagger(others: dict[str, Task], source: str, expected: str) -> None:
    tasks = {"sentiment": replace(SPAN, spans_from=source), **others}
    assert refusal(tasks) == (TAGGER, f"data.tasks.sentiment.spans_from: {source}", expected)


TOLD = replace(SPAN, given=Given(layer="aspect", labels=("A",), found_by="category"))
EVIDENCE = replace(CATEGORY, evidence="category")


def test_what_tasks_are_told_besides_fits() -> None:
    check_tasks(CORPORA, {"sentiment": TOLD, "ner": NER, "category": EVIDENCE})
    untold = replace(TOLD, given=Given(layer="aspect", labels=("A",)))
    check_tasks(CORPORA, {"sentiment": untold, "ner": NER})


@pytest.mark.parametrize(
    ("task", "found", "rule"),
    [
        (
            replace(TOLD, given=Given(layer="mood", labels=("A",))),
            "data.tasks.mine.given.layer: mood",
            KNOWN,
        ),
        (
            replace(CATEGORY, evidence="mood"),
            "data.tasks.mine.evidence: mood",
            "a MultiLabelClassification reads a layer of spans that its corpus has",
        ),
    ],
    ids=["given", "evidence"],
)
def test_unknown_layer_of_more_spans(task: Task, found: str, rule: str) -> None:
    expected = "one of aspect, category, entity, polarity"
    assert refusal({"mine": task, "ner": NER}) == (rule, found, expected)


def test_evidence_on_a_corpus_without_spans() -> None:
    task = MultiLabelClassification(
        corpus="opinions", layer="category", labels=("A",), evidence="category"
    )
    rule = "a MultiLabelClassification reads a layer of spans that its corpus has"
    found = "data.tasks.mine.evidence: category"
    assert refusal({"mine": task}) == (rule, found, "one of none: the corpus has no such layers")


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({}, "one of none: there is no such task"),
        ({"labels": CATEGORY}, "one of labels"),
        ({"category": replace(CATEGORY, corpus="others")}, "one of none: there is no such task"),
    ],
    ids=["missing", "another name", "another corpus"],
)
def test_given_is_found_by_no_labeller(others: dict[str, Task], expected: str) -> None:
    tasks = {"sentiment": TOLD, "ner": NER, **others}
    found = "data.tasks.sentiment.given.found_by: category"
    assert refusal(tasks) == (LABELLER, found, expected)


def test_labels_that_are_found_but_not_declared() -> None:
    more = replace(CATEGORY, labels=("B", "A", "C"))
    rule, found, expected = refusal({"sentiment": TOLD, "ner": NER, "category": more})
    assert rule == "what a task is given has all labels of the task that finds it"
    assert found == "data.tasks.sentiment.given.found_by: category, which also has B, C"
    assert expected == "the same labels"
