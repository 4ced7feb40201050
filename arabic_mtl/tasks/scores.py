"""Every task's metrics and mean loss over one evaluation."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torchmetrics import MeanMetric, SumMetric

from arabic_mtl.model.batch import Batch
from arabic_mtl.model.heads import Logits
from arabic_mtl.tasks.base import Task


class Scores(nn.Module):
    """Counts batches of all tasks; a module, so that its counts follow the model's device.

    Args:
        tasks: The tasks, by name.
    """

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        super().__init__()
        self.tasks = tasks
        # Typed views of what the module dictionaries own.
        self._metrics = {name: task.build_metrics() for name, task in tasks.items()}
        self._losses = {name: MeanMetric() for name in tasks}
        self._rows = {name: SumMetric() for name in tasks}
        self.metrics, self.losses = nn.ModuleDict(self._metrics), nn.ModuleDict(self._losses)
        self.rows = nn.ModuleDict(self._rows)

    def update(self, logits: Mapping[str, Logits], batch: Batch) -> None:
        """Counts one batch, for each task that it has rows of."""
        for name, task in self.tasks.items():
            tokens, targets = batch.tokens[batch.rows[name]], batch.targets[name]
            if len(tokens):
                self._rows[name].update(len(tokens))
                total, count = task.loss(logits[name], targets)
                self._losses[name].update(total / count.clamp(min=1), weight=count)
                task.update(self._metrics[name], logits[name], tokens, targets)

    def compute(self) -> dict[str, Tensor]:
        """``task/metric`` and ``task/loss`` over all processes, and starts anew.

        ``mean`` is the mean of the tasks' main metrics. A task without rows has no scores.
        """
        values: dict[str, Tensor] = {}
        seen = [name for name in self.tasks if self._rows[name].compute() > 0]
        for name in seen:
            scores = self._metrics[name].compute()
            values |= {f"{name}/{metric}": value for metric, value in scores.items()}
            values[f"{name}/loss"] = self._losses[name].compute()
        for name in self.tasks:
            self._metrics[name].reset()
            self._losses[name].reset()
            self._rows[name].reset()
        main = [values[f"{name}/{self.tasks[name].main_metric}"] for name in seen]
        return {**values, "mean": torch.stack(main).mean()}
