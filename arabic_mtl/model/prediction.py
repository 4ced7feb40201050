"""What a model says of a batch without labels."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch

from arabic_mtl.decoding import Arrays, decode
from arabic_mtl.heads import Logits, Targets, of_spans
from arabic_mtl.tasks import Batch, Task
from arabic_mtl.tasks.base import arrays, rounded
from arabic_mtl.text.ragged import Integers


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
    """Decodes every task.

    Args:
        tasks: By name.
        batch: Rows of one corpus, or of none: every head is called, and nothing comes of it.
        head: The logits of a task's head, given what it should say something of.
    """
    decoders = {name: task.decoder for name, task in tasks.items()}
    rows = {name: batch.tokens[batch.rows[name]].encodings() for name in tasks}

    def logits(name: str, spans: Integers | None) -> Arrays:
        asked = (
            {}
            if spans is None
            else of_spans(torch.from_numpy(spans).to(batch.tokens.input_ids.device))
        )
        return arrays(head(name, batch.targets[name] | asked))

    answers = rounded(decode(decoders, logits, rows))
    return [
        Prediction(corpus, numbers, {n: answers[n] for n, t in tasks.items() if t.corpus == corpus})
        for corpus, numbers in batch.numbers.items()
    ]
