"""Every task's predictions, metrics and mean loss over one evaluation."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchmetrics import Metric, MetricCollection

from arabic_mtl.documents import Prediction
from arabic_mtl.model.batch import Batch, Origin
from arabic_mtl.model.heads import Logits
from arabic_mtl.tasks.base import Task
from arabic_mtl.tasks.metrics import LabelMetric, TaskMetric
from arabic_mtl.text import Encoding


class TaskRows(NamedTuple):
    """A task's rows of a batch, decoded.

    Args:
        origin: The place that each comes from.
        gold: The right prediction for each, None where it is not labelled.
        predicted: The prediction for each.
    """

    origin: Sequence[Origin]
    gold: Sequence[Prediction | None]
    predicted: Sequence[Prediction]


class Items(Metric):
    """The number of labelled items of each of a task's corpora.

    Args:
        corpora: The number of the corpora.
    """

    full_state_update = False
    numbers: Tensor

    def __init__(self, corpora: int) -> None:
        super().__init__()
        zeros = torch.zeros(1 + corpora, dtype=torch.long)
        self.add_state("numbers", zeros, dist_reduce_fx="sum")

    def update(self, corpora: Sequence[int], items: Sequence[int]) -> None:
        """Adds the items of some rows."""
        weights = torch.tensor([*items, *items], dtype=torch.long)
        places = torch.tensor([*(0 for _ in corpora), *(1 + corpus for corpus in corpora)])
        added = torch.zeros(len(self.numbers), dtype=torch.long)
        added.index_add_(0, places.long(), weights)
        self.numbers = self.numbers + added.to(self.numbers.device)

    def compute(self) -> Tensor:
        """Returns the items of all corpora, then of each (1 + corpora,)."""
        return self.numbers


class MeanLoss(Metric):
    """The mean loss of labelled items; one that is not finite is kept."""

    full_state_update = False
    sums: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("sums", torch.zeros(2), dist_reduce_fx="sum")

    def update(self, total: Tensor, items: Tensor) -> None:
        """Adds a summed loss and the number of its items."""
        self.sums = self.sums + torch.stack([total.detach().float(), items.float()])

    def compute(self) -> Tensor:
        """Returns the mean over all items."""
        return self.sums[0] / self.sums[1].clamp(min=1)


class Scores(nn.Module):
    """Counts batches of all tasks; a module, so that its counts follow the model's device.

    Args:
        tasks: The tasks, by name.
    """

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        super().__init__()
        self.tasks = tasks
        # Typed views of what the module dictionaries own.
        self._metrics = {name: _collection(task) for name, task in tasks.items()}
        self._losses = {name: MeanLoss() for name in tasks}
        self._items = {name: Items(len(task.corpora)) for name, task in tasks.items()}
        self.metrics, self.losses = nn.ModuleDict(self._metrics), nn.ModuleDict(self._losses)
        self.items = nn.ModuleDict(self._items)

    def update(self, logits: Mapping[str, Logits], batch: Batch) -> dict[str, TaskRows]:
        """Decodes one batch and counts it, for each task that it has rows of.

        Returns:
            Task to its rows, decoded.
        """
        encodings, found = batch.tokens.encodings(), {}
        for name, task in self.tasks.items():
            self._items[name].update([], [])  # or torchmetrics warns of none
            if batch.origin_of(name):
                rows = _rows(name, task, logits[name], batch, encodings)
                found[name] = rows
                self._losses[name].update(*task.loss(logits[name], batch.targets[name]))
                self._count(name, task, rows, batch, encodings)
        return found

    def _count(
        self,
        name: str,
        task: Task,
        rows: TaskRows,
        batch: Batch,
        encodings: Sequence[Encoding],
    ) -> None:
        own = _encodings(name, batch, encodings)
        labelled = [
            (task.corpora.index(origin.corpus), gold, predicted, task.items(value, encoding))
            for origin, gold, predicted, value, encoding in zip(
                *rows, batch.values[name], own, strict=True
            )
            if gold is not None
        ]
        if labelled:
            corpora, golds, predicted, items = zip(*labelled, strict=True)
            self._items[name].update(corpora, items)
            self._metrics[name].update(corpora, golds, predicted)

    def compute(self) -> dict[str, Tensor]:
        """Returns the scores over all processes, and starts anew.

        ``task/metric`` and ``task/loss`` of each task; ``task@corpus/metric`` where it has
        several corpora; ``mean``, the mean of the tasks' main metrics that are shares. A task
        without labelled items has no scores.
        """
        values: dict[str, Tensor] = {}
        for name, task in self.tasks.items():
            items = self._items[name].compute().tolist()
            if items[0]:
                values |= self._values(name, task, items)
                values[f"{name}/loss"] = self._losses[name].compute()
        for name in self.tasks:
            self._metrics[name].reset()
            self._losses[name].reset()
            self._items[name].reset()
        return values | self._mean(values)

    def _values(self, name: str, task: Task, items: Sequence[int]) -> dict[str, Tensor]:
        values: dict[str, Tensor] = {}
        for metric, of_metric in self._metrics[name].compute().items():
            whole, *alone = of_metric
            values[f"{name}/{metric}"] = whole
            if len(alone) > 1:
                for corpus, number, value in zip(task.corpora, items[1:], alone, strict=True):
                    if number:
                        values[f"{name}@{corpus}/{metric}"] = value
        return values

    def _mean(self, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        shares = [
            values[key]
            for name, task in self.tasks.items()
            if self._metrics[name][task.main_metric].is_share
            if (key := f"{name}/{task.main_metric}") in values
        ]
        return {"mean": torch.stack(shares).mean()} if shares else {}


def is_share(key: str, tasks: Mapping[str, Task]) -> bool:
    """Returns whether a score is printed in percent.

    Args:
        key: ``task/metric``, ``task@corpus/metric`` or another score's name.
        tasks: By name.
    """
    metric = metric_of(key, tasks)
    return key.split("/")[-1] != "loss" if metric is None else metric.is_share


def higher_is_better(key: str, tasks: Mapping[str, Task]) -> bool:
    """Returns whether a score is to be high: all but losses, unless its metric has it otherwise."""
    metric = metric_of(key, tasks)
    return key.split("/")[-1] != "loss" if metric is None else bool(metric.higher_is_better)


def metric_of(key: str, tasks: Mapping[str, Task]) -> TaskMetric | None:
    """Returns the metric that a score's name ends in, if it is one of a task."""
    *_, name, metric = ["", *key.split("/")]
    task = tasks.get(name.partition("@")[0])
    return task.metrics().get(metric) if task else None


def _rows(
    name: str, task: Task, logits: Logits, batch: Batch, encodings: Sequence[Encoding]
) -> TaskRows:
    """Decodes a task's rows of a batch."""
    origin, values = batch.origin_of(name), batch.values[name]
    own = _encodings(name, batch, encodings)
    gold = [
        None if value is None else task.gold(value, encoding)
        for value, encoding in zip(values, own, strict=True)
    ]
    return TaskRows(origin, gold, task.decode(logits, own, values))


def _encodings(name: str, batch: Batch, encodings: Sequence[Encoding]) -> Sequence[Encoding]:
    """Returns the tokens of a task's rows."""
    rows = batch.rows[name]
    if isinstance(rows, slice):
        return encodings[rows]
    return [encodings[row] for row in rows.tolist()]


def _collection(task: Task) -> MetricCollection:
    """Returns a task's metrics, of which those with the same sums are updated once."""
    metrics = task.metrics()
    groups: dict[object, list[str]] = {}
    for name, metric in metrics.items():
        groups.setdefault(_sums(metric) or name, []).append(name)
    return MetricCollection(dict(metrics), compute_groups=list(groups.values()))


def _sums(metric: Metric) -> object:
    """Returns a key for the table that a metric adds up, if others may have the same."""
    if isinstance(metric, LabelMetric) and type(metric).observe is LabelMetric.observe:
        return (metric.labels, metric.counted, metric.shape)
    return None
