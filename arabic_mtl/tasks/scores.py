"""Every task's predictions, metrics and mean loss over one evaluation."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchmetrics import Metric, MetricCollection

from arabic_mtl.documents import Prediction
from arabic_mtl.model.batch import Batch, Origin, select
from arabic_mtl.model.heads import Logits
from arabic_mtl.tasks.base import Task
from arabic_mtl.tasks.metrics import LabelMetric, TaskMetric


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
        self.add_state("numbers", torch.zeros(corpora, dtype=torch.long), dist_reduce_fx="sum")

    def update(self, corpora: Sequence[int], items: Sequence[int]) -> None:
        """Adds the items of some rows."""
        added = torch.zeros(len(self.numbers), dtype=torch.long)
        added.index_add_(0, torch.tensor(corpora).long(), torch.tensor(items).long())
        self.numbers = self.numbers + added.to(self.numbers.device)

    def compute(self) -> Tensor:
        """Returns the items of each corpus (corpora,)."""
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
            own, values = select(encodings, batch.rows[name]), batch.values[name]
            origin = batch.origin_of(name)
            corpora = [task.corpora.index(place.corpus) for place in origin]
            items = [
                0 if value is None else task.items(value, encoding)
                for value, encoding in zip(values, own, strict=True)
            ]
            self._items[name].update(corpora, items)  # of no rows, too, or torchmetrics warns
            if origin:
                gold = [
                    None if value is None else task.gold(value, encoding)
                    for value, encoding in zip(values, own, strict=True)
                ]
                found[name] = TaskRows(origin, gold, task.decode(logits[name], own, values))
                self._losses[name].update(*task.loss(logits[name], batch.targets[name]))
                self._count(name, corpora, found[name])
        return found

    def _count(self, name: str, corpora: Sequence[int], rows: TaskRows) -> None:
        """Adds the labelled rows to a task's metrics."""
        labelled = [
            (corpus, gold, predicted)
            for corpus, gold, predicted in zip(corpora, rows.gold, rows.predicted, strict=True)
            if gold is not None
        ]
        if labelled:
            self._metrics[name].update(*zip(*labelled, strict=True))

    def compute(self) -> dict[str, Tensor]:
        """Returns the scores over all processes, and starts anew.

        ``task/metric`` and ``task/loss`` of each task; ``task@corpus/metric`` where it has
        several corpora; ``mean``, the mean of the tasks' main metrics that are shares. A task
        without labelled items has no scores.
        """
        values: dict[str, Tensor] = {}
        for name, task in self.tasks.items():
            # torchmetrics makes a scalar of a single number
            items = self._items[name].compute().reshape(-1).tolist()
            if sum(items):
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
                for corpus, number, value in zip(task.corpora, items, alone, strict=True):
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


def task_of(key: str) -> str:
    """Returns the task in a score's name, ``val/task@corpus/metric``; empty where it has none."""
    *_, name, _ = ["", *key.split("/")]
    return name.partition("@")[0]


def metric_of(key: str, tasks: Mapping[str, Task]) -> TaskMetric | None:
    """Returns the metric that a score's name ends in, if it is one of a task."""
    task = tasks.get(task_of(key))
    return task.metrics().get(key.split("/")[-1]) if task else None


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
