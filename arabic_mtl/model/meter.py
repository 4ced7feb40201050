"""What happened to each task since one last looked."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


class TaskMeter:
    """Adds up losses and labelled items per task, so that logging can be rare and still whole.

    Args:
        tasks: The tasks' names.
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        self.tasks = tasks
        self.totals = torch.zeros(2, len(tasks))  # losses and items, of this process

    def update(self, sums: Tensor, counts: Tensor) -> None:
        """Adds one batch: summed losses and numbers of items, both (tasks,)."""
        self.totals = self.totals.to(sums.device) + torch.stack([sums.detach(), counts])

    def compute(self, add: Callable[[Tensor], Tensor]) -> dict[str, float]:
        """``task/loss``, the mean per item, and ``task/share`` of all items; starts anew.

        Args:
            add: Adds up a tensor over all processes.
        """
        sums, counts = add(self.totals).tolist()
        self.totals = torch.zeros_like(self.totals)
        values: dict[str, float] = {}
        for task, loss, count in zip(self.tasks, sums, counts, strict=True):
            values[f"{task}/share"] = count / max(sum(counts), 1.0)
            if count:
                values[f"{task}/loss"] = loss / count
        return values
