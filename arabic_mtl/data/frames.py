"""The recipe's data frames: one per task, for people to look at."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import Task

_COLUMNS = ["id", "group", "text", "target", "start", "end", "label", "number"]


def task_frame(task: Task, examples: Iterable[Example], source: Path | None = None) -> pd.DataFrame:
    """One row per label of the task: its text, its target where it has one, label and number.

    A task that reads spans gets one row per span (the recipe's split of each sentence into one
    row per target); NULL targets are None. ``number`` is the label as the model sees it.

    Args:
        task: Whose labels to show.
        examples: The texts.
        source: The file that they come from, for errors.

    Raises:
        InputError: If a label is not declared.
    """
    rows: list[tuple[object, ...]] = []
    for example in examples:
        try:
            rows += _rows(task, example)
        except InputError as error:
            raise error.locate(source, example.line, example.id) from None
    return pd.DataFrame(rows, columns=_COLUMNS)


def _rows(task: Task, example: Example) -> list[tuple[object, ...]]:
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
