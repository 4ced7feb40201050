"""What a model says of a batch without labels."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from arabic_mtl.tasks import Batch, Logits, Targets, Task


class Prediction(NamedTuple):
    """The answers to one batch of one corpus.

    Args:
        corpus: Whose rows they are.
        numbers: The rows' numbers in their table.
        answers: Task to one answer per row.
    """

    corpus: str
    numbers: list[int]
    answers: dict[str, list[Any]]


def predict(
    tasks: Mapping[str, Task], batch: Batch, head: Callable[[str, Targets], Logits]
) -> list[Prediction]:
    """Decodes every task, those first whose answers others build on.

    Args:
        tasks: By name.
        batch: Rows of one corpus, or of none: every head is called, and nothing comes of it.
        head: The logits of a task's head, given what it should say something of.
    """
    answers: dict[str, list[Any]] = {}
    for name, task in sorted(tasks.items(), key=lambda item: bool(item[1].after)):
        tokens, targets = batch.tokens[batch.rows[name]], batch.targets[name]
        if task.after:
            targets = task.condition(targets, answers, tokens)
        answers[name] = task.decode(head(name, targets), tokens, targets)
    return [
        Prediction(corpus, numbers, {n: answers[n] for n, t in tasks.items() if t.corpus == corpus})
        for corpus, numbers in batch.numbers.items()
    ]
