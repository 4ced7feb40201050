"""Losses of a step: sums per task, their shares of an update, and means for logging."""

from collections.abc import Callable, Mapping, Sequence

import torch
from lightning.pytorch import Trainer
from torch import Tensor

from arabic_mtl.model.batch import Update
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import Logits, Task
from arabic_mtl.training.balancing import Losses


def summed(
    tasks: Mapping[str, Task], logits: Mapping[str, Logits], targets: Mapping[str, Targets]
) -> tuple[Tensor, Tensor]:
    """Summed losses and numbers of labelled items of a batch on this process, both (tasks,)."""
    losses = [task.loss(logits[name], targets[name]) for name, task in tasks.items()]
    return torch.stack([s for s, _ in losses]), torch.stack([c for _, c in losses]).float()


def shares_of_update(
    sums: Tensor, tasks: Mapping[str, Task], update: Update, trainer: Trainer
) -> Losses:
    """The batch's part of the weighted means over all labelled items of its update.

    Args:
        sums: Summed losses (tasks,).
        tasks: Their weights count.
        update: Knows the items of all its batches, on all processes.
        trainer: Knows how many processes and batches share the work.
    """
    items = sums.new_tensor([update.items[name] for name in tasks])
    weights = sums.new_tensor([task.weight for task in tasks.values()])
    batches = trainer.accumulate_grad_batches
    # Gradients are averaged over the processes, and Lightning divides by the batches of an
    # update: the factor makes sums of both again.
    shares = weights * sums / items.clamp(min=1) * (trainer.world_size * batches)
    return Losses(shares, items > 0, batches / update.batches, trainer.global_step)


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
