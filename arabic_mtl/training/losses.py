"""Task losses: sums of a batch, their shares of an optimizer step, and means for logging."""

from collections.abc import Callable, Mapping, Sequence

import torch
from lightning.pytorch import Trainer
from torch import Tensor

from arabic_mtl.model.batch import Update
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import Logits, Task
from arabic_mtl.tasks.partial import restrict
from arabic_mtl.training.balancing import Losses


def sum_losses(
    tasks: Mapping[str, Task], logits: Mapping[str, Logits], targets: Mapping[str, Targets]
) -> tuple[Tensor, Tensor]:
    """Returns summed losses and numbers of labelled items of a batch on this process.

    Args:
        tasks: The tasks, by name.
        logits: Task to the outputs of its head.
        targets: Task to its targets.

    Returns:
        Two tensors (tasks,), in the order of ``tasks``.
    """
    losses = [
        task.loss(restrict(task, logits[name], targets[name]), targets[name])
        for name, task in tasks.items()
    ]
    sums, counts = [total for total, _ in losses], [count for _, count in losses]
    return torch.stack(sums), torch.stack(counts).float()


def scale_losses(
    sums: Tensor, tasks: Mapping[str, Task], update: Update, trainer: Trainer
) -> Losses:
    """Returns a batch's share of the weighted mean losses of its optimizer step.

    The means are over the labelled items of all batches and processes of the optimizer step.

    Args:
        sums: Summed losses of the batch on this process (tasks,).
        tasks: The tasks, with their weights.
        update: The optimizer step: its numbers of batches and of labelled items per task.
        trainer: The Trainer, which determines the number of processes and of accumulated batches.
    """
    items = sums.new_tensor([update.items[name] for name in tasks])
    weights = sums.new_tensor([task.weight for task in tasks.values()])
    batches = trainer.accumulate_grad_batches
    # Gradients are averaged over processes, and Lightning divides losses by the number of
    # accumulated batches. The factor turns both means into sums.
    shares = weights * sums / items.clamp(min=1) * (trainer.world_size * batches)
    return Losses(shares, items > 0, batches / update.batches, trainer.global_step)


class TaskMeter:
    """A sum of losses and labelled items per task, for logging at intervals.

    Args:
        tasks: The names of the tasks.
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        self.tasks = tasks
        self.totals = torch.zeros(2, len(tasks))  # losses and items, of this process

    def update(self, sums: Tensor, counts: Tensor) -> None:
        """Adds a batch.

        Args:
            sums: Summed losses (tasks,).
            counts: Numbers of labelled items (tasks,).
        """
        self.totals = self.totals.to(sums.device) + torch.stack([sums.detach(), counts])

    def compute(self, add: Callable[[Tensor], Tensor]) -> dict[str, float]:
        """Returns ``task/loss``, the mean per item, and ``task/share`` of all items; then resets.

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
