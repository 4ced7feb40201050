"""Scores of each label of a task."""

from collections.abc import Collection, Sequence

import numpy as np

from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.scoring import Overlap
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.metrics import AdditiveMetric, Floats, LabelMetric

Row = dict[str, float]


def sums_of(answers: Sequence[Answer], name: str, metric: AdditiveMetric) -> Floats:
    """Returns a metric's summand for each text (texts, *shape); zeros where there is no gold.

    Args:
        answers: For the texts.
        name: The task's name in the answers.
        metric: One of the task's.
    """
    sums = np.zeros((len(answers), *metric.shape))
    for row, answer in enumerate(answers):
        if (gold := answer.gold.get(name)) is not None:
            sums[row] = metric.observe(gold, answer.predicted[name])
    return sums


def class_scores(answers: Sequence[Answer], name: str, task: Task) -> dict[str, Row]:
    """Returns precision, recall, F1 and support of each class, as scikit-learn's report has them.

    Spans that a tagger finds are counted whole, as entities (CoNLL-2003). Where each text or
    span has one label, ``f1-score`` of ``micro avg`` is the accuracy, ``recall`` of ``macro avg``
    the macro accuracy.

    Args:
        answers: The system's; those without a gold label of the task are not counted.
        name: The task's name in the answers.
        task: The task itself.

    Returns:
        Label to ``precision``, ``recall``, ``f1-score`` (0..1) and ``support`` (its gold items);
        then ``micro avg`` over all items and ``macro avg``, the mean of the classes. A class that
        occurs neither in gold nor in predictions is left out, as in macro-F1. Nothing for a task
        whose main metric is not one of labels.
    """
    metric = task.metrics()[task.main_metric]
    if not isinstance(metric, LabelMetric):
        return {}
    sums = sums_of(answers, name, metric).sum(axis=0).astype(int).tolist()
    overlaps = {label: Overlap(*row) for label, row in zip(metric.labels, sums, strict=True)}
    occurring = {label: own for label, own in overlaps.items() if own.found or own.gold}
    rows = {label: _row(own) for label, own in occurring.items()}
    total = sum(occurring.values(), Overlap())
    return {**rows, "micro avg": _row(total), "macro avg": _mean(rows.values(), total.gold)}


def _row(overlap: Overlap) -> Row:
    return {
        "precision": overlap.precision,
        "recall": overlap.recall,
        "f1-score": overlap.f1,
        "support": overlap.gold,
    }


def _mean(rows: Collection[Row], support: int) -> Row:
    names = ("precision", "recall", "f1-score")
    means = {name: sum(row[name] for row in rows) / max(len(rows), 1) for name in names}
    return {**means, "support": support}
