"""The tasks' gradients on the shared encoder: their norms and the cosines between them."""

from collections.abc import Mapping, Sequence
from itertools import combinations, combinations_with_replacement

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy
from torch import Tensor

from arabic_mtl.model.batch import Batch
from arabic_mtl.training import MultiTaskModule
from arabic_mtl.training.losses import scale_losses, sum_losses

Gradients = dict[str, Sequence[Tensor]]
"""Task to its gradient on each of the encoder's parameters."""


def can_compare(trainer: Trainer) -> bool:
    """Returns whether each process holds complete gradients that no loss scaling changes."""
    is_complete = type(trainer.strategy) in (SingleDeviceStrategy, DDPStrategy)
    return is_complete and trainer.precision != "16-mixed"


def task_gradients(model: MultiTaskModule, batch: Batch) -> Gradients:
    """Returns the gradients of the tasks' weighted losses over this process's rows of a batch.

    Runs a forward and backward pass of its own before the optimizer step. The random state, the
    metrics and the parameters' ``grad`` stay unchanged.

    Args:
        model: The module, in training.
        batch: The micro-batch.

    Returns:
        The gradients of the tasks that have labelled items in the batch's optimizer step.
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
        torch.manual_seed(model.trainer.global_step)  # the same dropout in a resumed run
        sums, _ = sum_losses(model.tasks, model(batch), batch.targets)
        losses = scale_losses(sums, model.tasks, batch.update, model.trainer)
    return {
        name: torch.autograd.grad(loss, shared, retain_graph=True, materialize_grads=True)
        for name, loss, is_present in zip(
            model.tasks, losses.values, losses.present.tolist(), strict=True
        )
        if is_present
    }


def compare(gradients: Mapping[str, Sequence[Tensor]]) -> dict[str, float]:
    """Returns ``norm/TASK`` for each task, and ``cosine/TASK-OTHER`` for each pair of tasks.

    A task whose gradient is zero, because this process has no rows of it, is left out.

    Args:
        gradients: Task to its gradients on the encoder's parameters.
    """
    products = {
        (one, other): float(_dot(gradients[one], gradients[other]))
        for one, other in combinations_with_replacement(gradients, 2)
    }
    norms = {name: products[name, name] ** 0.5 for name in gradients if products[name, name] > 0}
    return {f"norm/{name}": norm for name, norm in norms.items()} | {
        f"cosine/{one}-{other}": products[one, other] / (norms[one] * norms[other])
        for one, other in combinations(norms, 2)
    }


def _dot(one: Sequence[Tensor], other: Sequence[Tensor]) -> Tensor:
    pairs = zip(one, other, strict=True)
    return torch.stack([a.float().flatten().dot(b.float().flatten()) for a, b in pairs]).sum()
