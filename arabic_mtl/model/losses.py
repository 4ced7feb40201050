"""What a batch says of each task, and what that counts in an update of the weights."""

from collections.abc import Mapping

import torch
from lightning.pytorch import Trainer
from torch import Tensor

from arabic_mtl.balancing import Losses
from arabic_mtl.tasks import Logits, Targets, Task, Update


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
