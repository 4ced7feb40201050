"""How well each class of a task is told."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.scoring import Overlap, overlap
from arabic_mtl.tasks import MultiLabelClassification, SpanClassification, Task, TokenClassification

Row = dict[str, float]


def class_scores(answers: Iterable[Answer], task_name: str, task: Task) -> dict[str, Row]:
    """Precision, recall, F1 and support of each class, in the shape of scikit-learn's report.

    Spans that a tagger finds are counted whole, as entities (CoNLL-2003). Where each text or
    span has one label, ``f1-score`` of ``micro avg`` is the accuracy, ``recall`` of ``macro avg``
    the macro accuracy.

    Args:
        answers: What a system says; those without a gold label of the task are not counted.
        task_name: The task's name in the answers.
        task: The task itself.

    Returns:
        Label to ``precision``, ``recall``, ``f1-score`` (0..1) and ``support`` (how often it is
        right); then ``micro avg`` over all decisions and ``macro avg``, the mean of the classes.
        A class that is neither right nor found anywhere is left out, as in the task's own
        macro-F1, which has all classes where a text may have several.
    """
    totals = dict.fromkeys(task.labels, Overlap())
    for answer in answers:
        if (gold := answer.gold.get(task_name)) is not None:
            right, found = places(gold, task), places(answer.found[task_name], task)
            for label in totals:
                totals[label] += overlap(found.get(label, set()), right.get(label, set()))
    if not isinstance(task, MultiLabelClassification):
        totals = {label: of for label, of in totals.items() if of.found or of.gold}
    rows = {label: _row(of) for label, of in totals.items()}
    total = sum(totals.values(), Overlap())
    return {**rows, "micro avg": _row(total), "macro avg": _mean(rows.values(), total.gold)}


def places(value: Any, task: Task) -> dict[str, set[Any]]:
    """Label to the places in a text that have it.

    Args:
        value: Gold, or what a system says.
        task: Its kind says what a place is: where a tagged span stands, the number of a given
            one (several may be NULL), or the text.
    """
    found: dict[str, set[Any]] = {}
    for number, item in enumerate([value] if isinstance(value, Mapping) else value):
        found.setdefault(item["label"], set()).add(_place(number, item, task))
    return found


def _place(number: int, item: Mapping[str, Any], task: Task) -> Any:
    """Tagged spans stand somewhere, given ones have a number (several may be NULL)."""
    if isinstance(task, TokenClassification):
        return item["start"], item["end"]
    return number if isinstance(task, SpanClassification) else None


def _row(of: Overlap) -> Row:
    return {
        "precision": of.precision,
        "recall": of.recall,
        "f1-score": of.f1,
        "support": of.gold,
    }


def _mean(rows: Collection[Row], support: int) -> Row:
    names = ("precision", "recall", "f1-score")
    means = {name: sum(row[name] for row in rows) / max(len(rows), 1) for name in names}
    return {**means, "support": support}
