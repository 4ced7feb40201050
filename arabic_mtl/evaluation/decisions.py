"""A system's decisions next to the gold labels, and their confusion matrix."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.documents import Prediction
from arabic_mtl.evaluation.predicted import PredictedExample
from arabic_mtl.tasks import Task

Offsets = tuple[int, int]
"""A span's first character and one past its last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A predicted label of a text or span next to the gold label.

    Args:
        example: The text with its predictions.
        gold: The gold label; None for a spurious prediction.
        predicted: The predicted label; None for a missed gold label.
        score: The probability of the predicted label, if it is known.
        offsets: The span, for a decision about a span.
    """

    example: PredictedExample
    gold: str | None
    predicted: str | None
    score: float | None = None
    offsets: Offsets | None = None

    @property
    def is_correct(self) -> bool:
        """Returns whether the predicted label equals the gold label."""
        return self.gold == self.predicted


def decisions(task: Task, name: str, examples: Sequence[PredictedExample]) -> list[Decision]:
    """Returns all decisions that count for a task (`Task.decisions`).

    For a multi-label task these are the labels that are gold or predicted. For a tagger they are
    the gold and the predicted spans, paired if their offsets are equal.

    Args:
        task: The task.
        name: The task's name in the examples.
        examples: The system's predictions; examples without gold labels are ignored.
    """
    return [
        Decision(
            example=example,
            gold=decision.gold,
            predicted=decision.predicted,
            score=decision.score,
            offsets=decision.offsets,
        )
        for example, gold, predicted in labelled(name, examples)
        for decision in task.decisions(gold, predicted)
    ]


def labelled(
    name: str, examples: Sequence[PredictedExample]
) -> Iterator[tuple[PredictedExample, Prediction, Prediction]]:
    """Yields the examples that are labelled for a task, with the gold and the prediction."""
    for example in examples:
        gold = example.gold.get(name)
        if gold is not None:
            yield example, gold, example.predicted[name]


def confusion(decisions: Sequence[Decision], labels: Sequence[str]) -> NDArray[np.int64]:
    """Returns the confusion matrix of a task's decisions.

    Args:
        decisions: The decisions to count.
        labels: All labels of the task.

    Returns:
        Counts of gold (rows) by predicted labels (columns), (labels + 1, labels + 1). The last
        row counts spurious predictions, the last column missed gold labels.
    """
    indices: dict[str | None, int] = {label: index for index, label in enumerate(labels)}
    indices[None] = len(labels)
    matrix = np.zeros((len(indices), len(indices)), dtype=np.int64)
    for decision in decisions:
        matrix[indices[decision.gold], indices[decision.predicted]] += 1
    return matrix
