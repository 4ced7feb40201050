"""The training of a task's linear baseline: one function per kind of task."""

from collections.abc import Callable, Sequence
from functools import singledispatch
from typing import NamedTuple

from arabic_mtl.baselines.linear.reading import Text
from arabic_mtl.errors import InputError
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import Logits, Task

Predictor = Callable[[Sequence[Text], Targets], Logits]
"""Returns logits in the shape of the task's head for rows of a batch and their targets."""


class TrainingRows(NamedTuple):
    """The training rows of a task from one batch.

    Args:
        texts: The text of each row.
        targets: The targets of the rows.
        groups: The review of each row. The rows of a review are either all trained on or all held
            out for tuning.
    """

    texts: list[Text]
    targets: Targets
    groups: list[str]


@singledispatch
def learn(task: Task, parts: Sequence[TrainingRows]) -> Predictor:
    """Trains the linear baseline of a task.

    A new kind of task adds a function of its own with ``@learn.register``.

    Args:
        task: The task.
        parts: The training rows of the task's corpora, batch by batch.

    Returns:
        A function from texts and targets to logits.

    Raises:
        InputError: If the kind has no registered function, or there are too few labelled rows.
    """
    raise InputError(
        "a task of the linear baseline must be of a kind with a registered function",
        found=type(task).__name__,
        expected="a kind with a function registered by `arabic_mtl.baselines.linear.learn`",
    )


def can_learn(task: Task) -> bool:
    """Returns whether the task's kind has a registered function."""
    return learn.dispatch(type(task)) is not learn.dispatch(object)
