"""The baseline that every model has to beat: always say what is most common."""

from collections.abc import Iterator

import torch
from datasets import Dataset
from torch import Tensor

from arabic_mtl.corpora import Split
from arabic_mtl.data import MultiTaskData
from arabic_mtl.tasks import Batch
from arabic_mtl.tasks.batch import Part, unite

_ROWS = 512  # read at a time


def majority_scores(
    data: MultiTaskData, split: Split, device: torch.device | str = "cpu"
) -> dict[str, float]:
    """Scores a split with each task's most frequent output in the training data.

    Every process scores the whole split; adding up their equal counts changes no score.

    Args:
        data: Set up, with ``train`` and the split among its tables.
        split: What to score.
        device: Where to count: where the processes, if there are several, can add up.

    Returns:
        ``task/metric`` to its value.
    """
    commonest = _commonest(data)
    metrics = {name: task.build_metrics().to(device) for name, task in data.tasks.items()}
    for batch in (batch.to(device) for batch in _batches(data, split)):
        for name, task in data.tasks.items():
            targets, tokens = batch.targets[name], batch.tokens[batch.rows[name]]
            if len(tokens):
                logits = task.constant(commonest[name], targets)
                task.update(metrics[name], logits, tokens, targets)
    return {
        f"{name}/{metric}": float(value)
        for name, collection in metrics.items()
        if data.tasks[name].corpus in data.tables[split]
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
        yield unite({corpus: Part(table[start : start + _ROWS])}, data.tasks, data.text.pad_id)
