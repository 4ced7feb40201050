"""The baseline that every model has to beat: always say what is most common."""

from collections.abc import Iterator
from itertools import chain

import torch
from datasets import Dataset
from torch import Tensor

from arabic_mtl.corpora import Split
from arabic_mtl.data import MultiTaskData
from arabic_mtl.tasks import Batch
from arabic_mtl.tasks.batch import unite

_ROWS = 512  # read at a time


def majority_scores(data: MultiTaskData, split: Split) -> dict[str, float]:
    """Scores a split with each task's most frequent output in the training data.

    Args:
        data: Set up, with ``train`` and the split among its tables.
        split: What to score.

    Returns:
        ``task/metric`` to its value.
    """
    commonest = _commonest(data)
    metrics = {name: task.build_metrics() for name, task in data.tasks.items()}
    for metric in chain.from_iterable(collection.values() for collection in metrics.values()):
        metric.sync_on_compute = False  # every process scores the whole split
    for batch in _batches(data, split):
        for name, task in data.tasks.items():
            targets, tokens = batch.targets[name], batch.tokens[batch.rows[name]]
            if len(tokens):
                logits = task.constant(commonest[name], targets)
                task.update(metrics[name], logits, tokens, targets)
    return {
        f"{name}/{metric}": float(value)
        for name, collection in metrics.items()
        for metric, value in collection.compute().items()
    }


def _commonest(data: MultiTaskData) -> dict[str, int]:
    counts: dict[str, Tensor] = {n: torch.zeros(t.outputs) for n, t in data.tasks.items()}
    for batch in _batches(data, "train"):
        for name, task in data.tasks.items():
            counts[name] = counts[name] + task.frequencies(batch.targets[name])
    return {name: int(count.argmax()) for name, count in counts.items()}


def _batches(data: MultiTaskData, split: Split) -> Iterator[Batch]:
    for corpus, table in data.tables[split].items():
        yield from _of_table(data, corpus, table)


def _of_table(data: MultiTaskData, corpus: str, table: Dataset) -> Iterator[Batch]:
    for start in range(0, len(table), _ROWS):
        yield unite({corpus: table[start : start + _ROWS]}, data.tasks, data.text.pad_id)
