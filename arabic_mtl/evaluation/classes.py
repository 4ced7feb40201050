"""Precision, recall and F1 of each label of a task."""

from collections.abc import Collection, Sequence

import numpy as np

from arabic_mtl.evaluation.predicted import PredictedExample
from arabic_mtl.scoring import Overlap
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.metrics import AdditiveMetric, Floats, LabelMetric

ClassScores = dict[str, float]
"""``precision``, ``recall``, ``f1-score`` and ``support`` of a class."""


def per_text_sums(
    examples: Sequence[PredictedExample], name: str, metric: AdditiveMetric
) -> Floats:
    """Returns a metric's summand for each text (texts, *shape); zeros for unlabelled texts.

    Args:
        examples: The system's predictions.
        name: The task's name in the examples.
        metric: A metric of the task.
    """
    sums = np.zeros((len(examples), *metric.shape))
    for row, example in enumerate(examples):
        if (gold := example.gold.get(name)) is not None:
            sums[row] = metric.observe(gold, example.predicted[name])
    return sums


def class_scores(
    examples: Sequence[PredictedExample], name: str, task: Task
) -> dict[str, ClassScores]:
    """Returns precision, recall, F1 and support of each class, like scikit-learn's report.

    A tagger's spans are counted as whole entities (CoNLL-2003). If each text or span has exactly
    one label, ``f1-score`` of ``micro avg`` is the accuracy, and ``recall`` of ``macro avg`` the
    macro accuracy.

    Args:
        examples: The system's predictions; examples without gold labels are ignored.
        name: The task's name in the examples.
        task: The task.

    Returns:
        Label to ``precision``, ``recall``, ``f1-score`` (0..1) and ``support`` (the number of gold
        items); then ``micro avg`` over all items and ``macro avg``, the mean over classes. A class
        that is neither gold nor predicted is left out, as in macro-F1. Empty for a task whose main
        metric is not a metric of labels.
    """
    metric = task.metrics()[task.selection_metric]
    if not isinstance(metric, LabelMetric):
        return {}
    sums = per_text_sums(examples, name, metric).sum(axis=0).astype(int).tolist()
    overlaps = {label: Overlap(*row) for label, row in zip(metric.labels, sums, strict=True)}
    occurring = {label: item for label, item in overlaps.items() if item.predicted or item.gold}
    rows = {label: _row(overlap) for label, overlap in occurring.items()}
    total = sum(occurring.values(), Overlap())
    return {**rows, "micro avg": _row(total), "macro avg": _mean(rows.values(), total.gold)}


def _row(overlap: Overlap) -> ClassScores:
    return {
        "precision": overlap.precision,
        "recall": overlap.recall,
        "f1-score": overlap.f1,
        "support": overlap.gold,
    }


def _mean(rows: Collection[ClassScores], support: int) -> ClassScores:
    names = ("precision", "recall", "f1-score")
    means = {name: sum(row[name] for row in rows) / max(len(rows), 1) for name in names}
    return {**means, "support": support}
