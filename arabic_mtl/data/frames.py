"""The recipe's data frames, one per task, for inspection."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import Task

_COLUMNS = ["id", "group", "text", "target", "start", "end", "label", "number"]


def task_frame(task: Task, examples: Iterable[Example], source: Path | None = None) -> pd.DataFrame:
    """Returns a frame with one row per label: text, target, character offsets, label and its index.

    A task that reads spans gets one row per span (the recipe's split of each sentence into one
    row per target); NULL targets are None. ``number`` is the label's index in the model's output.

    Args:
        task: The task whose labels to show.
        examples: The labelled texts.
        source: The file that the examples were read from, for error messages.

    Raises:
        InputError: If the task does not declare a label.
    """
    rows: list[tuple[object, ...]] = []
    for example in examples:
        try:
            rows += _rows(task, example)
        except InputError as error:
            raise error.locate(source, example.line, example.id) from None
    return pd.DataFrame(rows, columns=_COLUMNS)


def _rows(task: Task, example: Example) -> list[tuple[object, ...]]:
    """Returns the rows of an example, one per label."""
    head = (example.id, example.group, example.text)
    if task.reads == "labels":
        labels = task.labels_of(example) or ()
        return [(*head, example.pair, None, None, label, task.index(label)) for label in labels]
    return [
        (
            *head,
            None if span.is_null else example.text[span.start : span.end],
            span.start,
            span.end,
            span.label,
            task.index(span.label),
        )
        for span in task.spans_of(example) or ()
    ]
