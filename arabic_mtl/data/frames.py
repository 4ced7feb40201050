"""The recipe's data frames: one per task, for people to look at."""

from collections.abc import Iterable

import pandas as pd

from arabic_mtl.example import Example
from arabic_mtl.tasks import Task


def task_frame(task: Task, examples: Iterable[Example]) -> pd.DataFrame:
    """One row per label of the task: its text, its target where it has one, label and number.

    A task that reads spans gets one row per span (the recipe's split of each sentence into one
    row per target); NULL targets are None. ``number`` is the label as the model sees it.
    """
    columns = ["id", "group", "text", "target", "start", "end", "label", "number"]
    rows: list[tuple[object, ...]] = []
    for example in examples:
        head = (example.id, example.group, example.text)
        if task.reads == "labels":
            rows += [
                (*head, example.pair, None, None, label, task.index(label))
                for label in example.labels.get(task.layer, ())
            ]
        else:
            rows += [
                (
                    *head,
                    None if span.is_null else example.text[span.start : span.end],
                    span.start,
                    span.end,
                    span.label,
                    task.index(span.label),
                )
                for span in example.spans.get(task.layer, ())
            ]
    return pd.DataFrame(rows, columns=columns)
