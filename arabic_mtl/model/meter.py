"""What happened to each task since one last looked."""

from collections.abc import Sequence

import torch
from torch import Tensor


class TaskMeter:
    """Adds up losses and labelled items per task, so that logging can be rare and still whole.

    Args:
        tasks: The tasks' names.
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        self.tasks = tasks
        self._sums = torch.zeros(len(tasks))
        self._counts = torch.zeros(len(tasks))

    def update(self, sums: Tensor, counts: Tensor) -> None:
        """Adds one step: summed losses and numbers of items, both (tasks,)."""
        self._sums = self._sums.to(sums.device) + sums.detach()
        self._counts = self._counts.to(counts.device) + counts

    def compute(self) -> dict[str, float]:
        """``task/loss``, the mean per item, and ``task/share`` of all items; starts anew."""
        total = float(self._counts.sum())
        values: dict[str, float] = {}
        for task, loss, count in zip(
            self.tasks, self._sums.tolist(), self._counts.tolist(), strict=True
        ):
            values[f"{task}/share"] = count / max(total, 1.0)
            if count:
                values[f"{task}/loss"] = loss / count
        self._sums, self._counts = self._sums * 0, self._counts * 0
        return values
