"""The predictions, metrics and mean losses of all tasks in one evaluation."""

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
from arabic_mtl.tasks.partial import restrict


class TaskRows(NamedTuple):
    """A task's rows of a batch, decoded.

    Args:
        origin: The corpus and the table index of each row.
        gold: The gold prediction for each row; None for unlabelled rows.
        predicted: The model's prediction for each row.
    """

    origin: Sequence[Origin]
    gold: Sequence[Prediction | None]
    predicted: Sequence[Prediction]


class Items(Metric):
    """The number of labelled items in each corpus of a task.

    Args:
        corpora: The number of the task's corpora.
    """

    full_state_update = False
    numbers: Tensor

    def __init__(self, corpora: int) -> None:
        super().__init__()
        self.add_state("numbers", torch.zeros(corpora, dtype=torch.long), dist_reduce_fx="sum")

    def update(self, corpora: Sequence[int], items: Sequence[int]) -> None:
        """Adds the items of some rows.

        Args:
            corpora: The index of each row's corpus among the task's.
            items: The number of labelled items of each row.
        """
        added = torch.zeros(len(self.numbers), dtype=torch.long)
        added.index_add_(0, torch.tensor(corpora).long(), torch.tensor(items).long())
        self.numbers = self.numbers + added.to(self.numbers.device)

    def compute(self) -> Tensor:
        """Returns the number of items of each corpus (corpora,)."""
        return self.numbers


class MeanLoss(Metric):
    """The mean loss of labelled items; non-finite losses are not skipped."""

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
    """The metrics and losses of all tasks, as a module that follows the model's device.

    Args:
        tasks: The tasks by name.
    """

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        super().__init__()
        self.tasks = tasks
        # The same modules as in the module dictionaries below, with their types.
        self._metrics = {name: _collection(task) for name, task in tasks.items()}
        self._losses = {name: MeanLoss() for name in tasks}
        self._items = {name: Items(len(task.corpora)) for name, task in tasks.items()}
        self.metrics, self.losses = nn.ModuleDict(self._metrics), nn.ModuleDict(self._losses)
        self.items = nn.ModuleDict(self._items)

    def update(self, logits: Mapping[str, Logits], batch: Batch) -> dict[str, TaskRows]:
        """Decodes one batch and adds it to the scores of each task with rows in the batch.

        Returns:
            Task to its decoded rows.
        """
        encodings, decoded = batch.tokens.encodings(), {}
        for name, task in self.tasks.items():
            own, values = select(encodings, batch.rows[name]), batch.values[name]
            origin = batch.origin_of(name)
            corpora = [task.corpora.index(row.corpus) for row in origin]
            items = [
                0 if value is None else task.items(value, encoding)
                for value, encoding in zip(values, own, strict=True)
            ]
            self._items[name].update(corpora, items)  # even without rows, or torchmetrics warns
            if origin:
                gold = [
                    None if value is None else task.gold(value, encoding)
                    for value, encoding in zip(values, own, strict=True)
                ]
                annotated = restrict(task, logits[name], batch.targets[name])
                decoded[name] = TaskRows(origin, gold, task.decode(annotated, own, values))
                self._losses[name].update(*task.loss(annotated, batch.targets[name]))
                self._count(name, corpora, decoded[name])
        return decoded

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
        """Returns the scores over all processes, and resets them.

        The scores are ``task/metric`` and ``task/loss`` of each task, ``task@corpus/metric`` of a
        task with several corpora, and ``mean``, the mean of the main metrics that are shares. A
        task without labelled items has no scores.
        """
        values: dict[str, Tensor] = {}
        for name, task in self.tasks.items():
            # torchmetrics turns one number into a scalar
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
        for metric, scores in self._metrics[name].compute().items():
            total, *by_corpus = scores
            values[f"{name}/{metric}"] = total
            if len(by_corpus) > 1:
                for corpus, number, value in zip(task.corpora, items, by_corpus, strict=True):
                    if number:
                        values[f"{name}@{corpus}/{metric}"] = value
        return values

    def _mean(self, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        shares = [
            values[key]
            for name, task in self.tasks.items()
            if self._metrics[name][task.selection_metric].is_share
            if (key := f"{name}/{task.selection_metric}") in values
        ]
        return {"mean": torch.stack(shares).mean()} if shares else {}


def metric_names(task: Task) -> list[str]:
    """Returns the names of a task's metrics, the one that selects checkpoints first."""
    return sorted(task.metrics(), key=lambda name: name != task.selection_metric)


def is_share(key: str, tasks: Mapping[str, Task]) -> bool:
    """Returns whether a score is printed in percent.

    Args:
        key: ``task/metric``, ``task@corpus/metric`` or the name of another score.
        tasks: The tasks by name.
    """
    metric = metric_of(key, tasks)
    return key.split("/")[-1] != "loss" if metric is None else metric.is_share


def higher_is_better(key: str, tasks: Mapping[str, Task]) -> bool:
    """Returns whether a higher score is better: true except for losses and some metrics."""
    metric = metric_of(key, tasks)
    return key.split("/")[-1] != "loss" if metric is None else bool(metric.higher_is_better)


def task_of(key: str) -> str:
    """Returns the task in a score's name, ``val/task@corpus/metric``; empty if it has none."""
    *_, name, _ = ["", *key.split("/")]
    return name.partition("@")[0]


def metric_of(key: str, tasks: Mapping[str, Task]) -> TaskMetric | None:
    """Returns the metric of a score's name; None if the score is no metric of a task."""
    task = tasks.get(task_of(key))
    return task.metrics().get(key.split("/")[-1]) if task else None


def _collection(task: Task) -> MetricCollection:
    """Returns a task's metrics; metrics with equal sums share one update."""
    metrics = task.metrics()
    groups: dict[object, list[str]] = {}
    for name, metric in metrics.items():
        groups.setdefault(_sums(metric) or name, []).append(name)
    return MetricCollection(dict(metrics), compute_groups=list(groups.values()))


def _sums(metric: Metric) -> object:
    """Returns a key for the sums of a metric, or None if no other metric can share them."""
    if isinstance(metric, LabelMetric) and type(metric).observe is LabelMetric.observe:
        return (metric.labels, metric.counted, metric.shape)
    return None
