"""Decisions counted: gold by predicted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.documents import Prediction
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.tasks import Task

Place = tuple[int, int]
"""Where a span starts and ends in its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A label that a system predicts at one place of a text, and the gold one.

    Args:
        answer: The text's.
        gold: The gold label; None where nothing is to be found.
        found: The predicted one; None where nothing is predicted.
        score: The probability of the decision, if it is known.
        place: The span, if it is about one.
    """

    answer: Answer
    gold: str | None
    found: str | None
    score: float | None = None
    place: Place | None = None

    @property
    def is_right(self) -> bool:
        """Whether the system is."""
        return self.gold == self.found


def decisions(task: Task, name: str, answers: Sequence[Answer]) -> list[Decision]:
    """Returns all decisions that matter to a task (`Task.decisions`).

    Of several labels per text these are the labels that are gold or predicted; of spans that are
    to be found, the gold and the predicted ones, paired where both ends are equal.

    Args:
        task: The task.
        name: Its name in the answers.
        answers: Those without gold are passed over.
    """
    return [
        Decision(
            answer=answer,
            gold=decision.gold,
            found=decision.predicted,
            score=decision.score,
            place=decision.place,
        )
        for answer, gold, predicted in labelled(name, answers)
        for decision in task.decisions(gold, predicted)
    ]


def labelled(
    name: str, answers: Sequence[Answer]
) -> Iterator[tuple[Answer, Prediction, Prediction]]:
    """Yields the answers for texts that are labelled for a task, with gold and prediction."""
    for answer in answers:
        gold = answer.gold.get(name)
        if gold is not None:
            yield answer, gold, answer.predicted[name]


def confusion(decisions: Sequence[Decision], labels: Sequence[str]) -> NDArray[np.int64]:
    """How often each label is taken for which.

    Args:
        decisions: What to count.
        labels: All labels.

    Returns:
        Gold by found (labels + 1, labels + 1); the last row is of what is found and not gold,
        the last column of what is gold and not found.
    """
    numbers: dict[str | None, int] = {label: n for n, label in enumerate(labels)}
    numbers[None] = len(labels)
    matrix = np.zeros((len(numbers), len(numbers)), dtype=np.int64)
    for decision in decisions:
        matrix[numbers[decision.gold], numbers[decision.found]] += 1
    return matrix
