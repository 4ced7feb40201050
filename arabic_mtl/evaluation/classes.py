"""How well each class of a task is told."""

from collections.abc import Collection, Sequence

from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.evaluation.counts import counts
from arabic_mtl.scoring import Overlap
from arabic_mtl.tasks import MultiLabelClassification, Task

Row = dict[str, float]


def class_scores(answers: Sequence[Answer], name: str, task: Task) -> dict[str, Row]:
    """Precision, recall, F1 and support of each class, in the shape of scikit-learn's report.

    Spans that a tagger finds are counted whole, as entities (CoNLL-2003). Where each text or
    span has one label, ``f1-score`` of ``micro avg`` is the accuracy, ``recall`` of ``macro avg``
    the macro accuracy.

    Args:
        answers: What a system says; those without a gold label of the task are not counted.
        name: The task's name in the answers.
        task: The task itself.

    Returns:
        Label to ``precision``, ``recall``, ``f1-score`` (0..1) and ``support`` (how often it is
        right); then ``micro avg`` over all decisions and ``macro avg``, the mean of the classes.
        A class that is neither right nor found anywhere is left out, as in the task's own
        macro-F1, which has all classes where a text may have several.
    """
    sums = counts(answers, name, task).sum(axis=0).astype(int).tolist()
    totals = {label: Overlap(*row) for label, row in zip(task.labels, sums, strict=True)}
    if not isinstance(task, MultiLabelClassification):
        totals = {label: of for label, of in totals.items() if of.found or of.gold}
    rows = {label: _row(of) for label, of in totals.items()}
    total = sum(totals.values(), Overlap())
    return {**rows, "micro avg": _row(total), "macro avg": _mean(rows.values(), total.gold)}


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
