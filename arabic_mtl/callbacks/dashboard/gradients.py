"""Whether the tasks pull the shared encoder the same way."""

from collections.abc import Mapping, Sequence
from itertools import combinations, combinations_with_replacement

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy
from torch import Tensor

from arabic_mtl.model.batch import Batch
from arabic_mtl.training import MultiTaskModule
from arabic_mtl.training.losses import shares_of_update, summed

Gradients = dict[str, Sequence[Tensor]]
"""Task to its gradient on each of the encoder's parameters."""


def can_compare(trainer: Trainer) -> bool:
    """Whether a process has whole gradients, and in their true size."""
    whole = type(trainer.strategy) in (SingleDeviceStrategy, DDPStrategy)
    return whole and trainer.precision != "16-mixed"


def task_gradients(model: MultiTaskModule, batch: Batch) -> Gradients:
    """The gradients of the tasks' weighted losses, as this process's rows of a batch have them.

    A pass of its own, before that of the step, which finds everything as it was: random state,
    metrics, and gradients, for none is stored in a parameter.

    Args:
        model: In training.
        batch: The rows.

    Returns:
        Those of the tasks with labelled items in the batch's update.
    """
    shared = [
        parameter for parameter in model.network.encoder.parameters() if parameter.requires_grad
    ]
    device = model.device
    cards = [] if device.type == "cpu" else [device]
    with (
        torch.random.fork_rng(cards, device_type=device.type),
        model.trainer.precision_plugin.forward_context(),
    ):
        torch.manual_seed(model.trainer.global_step)  # a run that goes on has the same dropout
        sums, _ = summed(model.tasks, model(batch), batch.targets)
        losses = shares_of_update(sums, model.tasks, batch.update, model.trainer)
    return {
        name: torch.autograd.grad(value, shared, retain_graph=True, materialize_grads=True)
        for name, value, there in zip(
            model.tasks, losses.values, losses.present.tolist(), strict=True
        )
        if there
    }


def compare(gradients: Mapping[str, Sequence[Tensor]]) -> dict[str, float]:
    """``norm/task`` of each task, and ``cosine/one-other`` of each pair.

    A task without a gradient, for this process has no rows of it, is left out.

    Args:
        gradients: Of the tasks.
    """
    products = {
        (one, other): float(_product(gradients[one], gradients[other]))
        for one, other in combinations_with_replacement(gradients, 2)
    }
    norms = {name: products[name, name] ** 0.5 for name in gradients if products[name, name] > 0}
    return {f"norm/{name}": norm for name, norm in norms.items()} | {
        f"cosine/{one}-{other}": products[one, other] / (norms[one] * norms[other])
        for one, other in combinations(norms, 2)
    }


def _product(one: Sequence[Tensor], other: Sequence[Tensor]) -> Tensor:
    parts = zip(one, other, strict=True)
    return torch.stack([a.float().flatten().dot(b.float().flatten()) for a, b in parts]).sum()
