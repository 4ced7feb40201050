"""What a system has right in each text, label by label: all that its scores are made of."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.tasks import Task

Counts = NDArray[np.float64]
"""(…, labels, 3): items that are right, found, gold."""


def counts(answers: Sequence[Answer], name: str, task: Task, *, labelled: bool = True) -> Counts:
    """Per text and label of a task, how many items are right, found, and gold.

    An item is a label with its place: of a text, of one of its given spans, or a span that has to
    be found. Items are counted as often as they are given.

    Args:
        answers: To the texts; those without gold count nothing.
        name: The task's name.
        task: Its labels.
        labelled: Whether the label of a span that has to be found must be right, too.

    Returns:
        An array (texts, labels, 3); without labels (texts, 1, 3).
    """
    labels = list(task.labels) if labelled else [None]
    table = np.zeros((len(answers), len(labels), 3))
    for row, answer in enumerate(answers):
        gold, found = (_items(of.get(name), labelled) for of in (answer.gold, answer.found))
        if answer.gold.get(name) is not None:
            for column, items in enumerate((gold & found, found, gold)):
                for (_, label), count in items.items():
                    table[row, labels.index(label), column] += count
    return table


def micro_f1(table: Counts) -> NDArray[np.float64]:
    """F1 over all labels together: (…, labels, 3) → (…)."""
    right, found, gold = np.moveaxis(table.sum(axis=-2), -1, 0)
    return _ratio(2 * right, found + gold)


def macro_f1(table: Counts) -> NDArray[np.float64]:
    """The mean of F1 over those labels that are found or gold: (…, labels, 3) → (…)."""
    right, found, gold = np.moveaxis(table, -1, 0)
    present = (found + gold) > 0
    return _ratio((_ratio(2 * right, found + gold) * present).sum(axis=-1), present.sum(axis=-1))


def accuracy(table: Counts) -> NDArray[np.float64]:
    """The share of gold items that are right: (…, labels, 3) → (…)."""
    right, _, gold = np.moveaxis(table.sum(axis=-2), -1, 0)
    return _ratio(right, gold)


METRICS: dict[str, Callable[[Counts], NDArray[np.float64]]] = {
    "f1": micro_f1,
    "span_f1": micro_f1,
    "micro_f1": micro_f1,
    "macro_f1": macro_f1,
    "accuracy": accuracy,
}
"""The metrics of tasks that can be had from counts."""


def _items(value: Any, labelled: bool) -> Counter[tuple[Any, Any]]:
    """The items of an answer: (place, label)."""
    answers = [] if value is None else value if isinstance(value, list) else [value]
    items = ((a.get("start"), a.get("end"), a["label"]) for a in answers)
    return Counter(((start, end), label if labelled else None) for start, end, label in items)


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 where there is nothing."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
