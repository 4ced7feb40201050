"""How a task is learned without a network: one function per kind of task."""

from collections.abc import Callable, Sequence
from functools import singledispatch
from typing import NamedTuple

from arabic_mtl.baselines.linear.reading import Text
from arabic_mtl.errors import InputError
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import Logits, Task

Predictor = Callable[[Sequence[Text], Targets], Logits]
"""The rows that a task reads, and their targets → logits in the shape of the task's head."""


class Piece(NamedTuple):
    """Some rows to learn from.

    Args:
        texts: One per row.
        targets: What is right of them.
        groups: The review that each is from: never learned from in part and tuned on in part.
    """

    texts: list[Text]
    targets: Targets
    groups: list[str]


@singledispatch
def learn(task: Task, pieces: Sequence[Piece]) -> Predictor:
    """Learns a task; a new kind brings its own function, with ``@learn.register``.

    Args:
        task: What to learn.
        pieces: All rows of the task's corpus, in pieces.

    Raises:
        InputError: If the kind has no such function, or the rows do not suffice.
    """
    raise InputError(
        "the linear baseline knows how a kind of task is learned",
        found=type(task).__name__,
        expected="a kind with a function registered with arabic_mtl.baselines.linear.learn",
    )


def can_learn(task: Task) -> bool:
    """Whether there is a function for a task's kind."""
    return learn.dispatch(type(task)) is not learn.dispatch(object)
