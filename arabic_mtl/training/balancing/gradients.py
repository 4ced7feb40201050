"""Gradient balancing: methods against conflicting gradients of the tasks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy
from torch import Tensor, nn

from arabic_mtl.errors import InputError
from arabic_mtl.training.balancing.base import Balancer, Balancing, Losses

_WEIGHTINGS = {
    "pcgrad": "PCGradWeighting",
    "upgrad": "UPGradWeighting",
    "mgda": "MGDAWeighting",
    "aligned_mtl": "AlignedMTLWeighting",
}


@dataclass(frozen=True, kw_only=True)
class GradientBalancing(Balancing):
    """A combination of the tasks' gradients on the encoder, computed by TorchJD.

    A head receives only the gradient of its own task. A step costs one backward pass per task and
    one more.

    Args:
        method: The method that combines gradients: ``pcgrad`` (Yu et al., 2020), ``upgrad``
            (Quinton and Rey, 2024), ``mgda`` (Désidéri, 2012) or ``aligned_mtl`` (Senushkin et al.,
            2023).
    """

    method: Literal["pcgrad", "upgrad", "mgda", "aligned_mtl"] = "pcgrad"

    def build(self, tasks: int) -> Balancer:
        """Returns a balancer without parameters."""
        return GradientBalancer(tasks, self.method)

    def require(self, trainer: Trainer) -> None:
        """Raises `InputError` if a step has only a part of a task's gradient, or a scaled one.

        Raises:
            InputError: If an option leads to that (the message names it), or TorchJD is missing.
        """
        load_weighting(self.method)
        kind = type(trainer.strategy)
        if trainer.accumulate_grad_batches > 1:
            self._refuse("accumulate_grad_batches", trainer.accumulate_grad_batches, "1")
        if kind not in (SingleDeviceStrategy, DDPStrategy):
            self._refuse("strategy", kind.__name__, "auto or ddp")
        if trainer.precision == "16-mixed":
            self._refuse("precision", trainer.precision, "bf16-mixed or 32-true")

    def _refuse(self, option: str, found: object, expected: str) -> None:
        """Raises `InputError` about an option of the Trainer."""
        raise InputError(
            f"{self.method} must have the whole gradient of each task in every batch",
            found=f"trainer.{option}: {found}",
            expected=f"--trainer.{option}={expected}, or another model.balancing",
        )


class GradientBalancer(Balancer):
    """A balancer that weights the tasks' gradients between the heads and the encoder.

    Args:
        tasks: Number of tasks.
        method: A method of `GradientBalancing`.
    """

    def __init__(self, tasks: int, method: str) -> None:
        super().__init__()
        self.tasks, self.method = tasks, method
        self._weights = torch.ones(tasks)

    @cached_property
    def weighting(self) -> Callable[[Tensor], Tensor]:
        """Returns TorchJD's weighting.

        TorchJD is imported at the first training step: a trained model works without it.
        """
        return load_weighting(self.method)

    def begin(self, device: torch.device) -> None:
        """Sets all weights to 1, until `forward` computes them."""
        self._weights = torch.ones(self.tasks, device=device)

    def gate(self, hidden: Tensor, task: int) -> Tensor:
        """Returns the same hidden states, but their gradient will be multiplied by the weight."""
        gated: Tensor = _Gate.apply(hidden, self._weights, task)  # type: ignore[no-untyped-call]
        return gated

    def weights(self) -> list[float]:
        """Returns the weights of the last step."""
        weights: list[float] = self._weights.tolist()
        return weights

    def forward(
        self, losses: Losses, encoder: nn.Module, average: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """Returns the sum of the losses, and sets the weights of the gates."""
        shared = [p for p in encoder.parameters() if p.requires_grad]
        present = losses.present.nonzero().flatten().tolist()
        gradients = [average(_gradient(losses.values[task], shared)) for task in present]
        if not gradients:
            return losses.values.sum()
        products = torch.stack(
            [torch.stack([left.dot(right) for right in gradients]) for left in gradients]
        )
        with torch.random.fork_rng(devices=[]):  # the same random order in all processes
            torch.manual_seed(losses.update)
            self._weights[present] = self.weighting(products).to(self._weights)
        return losses.values.sum()


def load_weighting(method: str) -> Callable[[Tensor], Tensor]:
    """Returns a function from inner products of gradients (tasks, tasks) to weights (tasks,).

    Args:
        method: A method of `GradientBalancing`.

    Raises:
        InputError: If TorchJD is not installed.
    """
    try:
        from torchjd import aggregation  # an optional dependency

        weighting: Callable[[Tensor], Tensor] = getattr(aggregation, _WEIGHTINGS[method])()
    except ImportError as error:
        raise InputError(
            "TorchJD must be installed for gradient balancing",
            found=str(error).splitlines()[0],
            expected="pip install 'arabic-mtl[balancing]'",
        ) from None
    return weighting


class _Gate(torch.autograd.Function):
    """The identity, whose gradient is multiplied by a weight that is set before ``backward``."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weights: Tensor, task: int) -> Tensor:
        """Returns the hidden states."""
        ctx.weights, ctx.task = weights, task
        return hidden.view_as(hidden)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        """Returns the weighted gradient of the hidden states."""
        return gradients[0] * ctx.weights[ctx.task].to(gradients[0].dtype), None, None


def _gradient(loss: Tensor, parameters: list[nn.Parameter]) -> Tensor:
    """Returns the gradient of a loss as one vector (elements,)."""
    gradients = torch.autograd.grad(loss, parameters, retain_graph=True, materialize_grads=True)
    return torch.cat([gradient.flatten() for gradient in gradients])
