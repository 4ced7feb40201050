"""What a system has right in each text, label by label: all that its scores are made of."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.tasks import SpanClassification, Task, TokenClassification

Counts = NDArray[np.float64]
"""(…, labels, 3): items that are right, found, gold."""


def counts(answers: Sequence[Answer], name: str, task: Task) -> Counts:
    """Per text and label of a task, how many items are right, found, and gold.

    An item is a label with its place: where a tagged span stands, the number of a given one
    (several may be NULL), or the text.

    Args:
        answers: To the texts; those without gold count nothing.
        name: The task's name.
        task: Its labels.

    Returns:
        An array (texts, labels, 3).
    """
    table = np.zeros((len(answers), len(task.labels), 3))
    for row, answer in enumerate(answers):
        if (right := answer.gold.get(name)) is not None:
            gold, found = _places(right, task), _places(answer.found[name], task)
            for column, label in enumerate(task.labels):
                own, its = gold.get(label, set()), found.get(label, set())
                table[row, column] = len(own & its), len(its), len(own)
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
    "micro_f1": micro_f1,
    "macro_f1": macro_f1,
}
"""The main metrics of tasks that can be had from counts."""


def _places(value: Any, task: Task) -> dict[str, set[Any]]:
    """Label to the places in a text that have it, by gold or by a system."""
    found: dict[str, set[Any]] = {}
    for number, item in enumerate([value] if isinstance(value, Mapping) else value):
        found.setdefault(item["label"], set()).add(_place(number, item, task))
    return found


def _place(number: int, item: Mapping[str, Any], task: Task) -> Any:
    if isinstance(task, TokenClassification):
        return item["start"], item["end"]
    return number if isinstance(task, SpanClassification) else None


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 where there is nothing."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
