"""Tasks whose gradients on the encoder are kept from working against each other."""

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
    """The encoder follows a combination of the tasks' gradients that `TorchJD` works out.

    Each head follows its own task alone. A step costs a backward pass per task and one more.

    Args:
        method: ``pcgrad`` (Yu et al., 2020), ``upgrad`` (Quinton and Rey, 2024), ``mgda``
            (Désidéri, 2012) or ``aligned_mtl`` (Senushkin et al., 2023).
    """

    method: Literal["pcgrad", "upgrad", "mgda", "aligned_mtl"] = "pcgrad"

    def build(self, tasks: int) -> Balancer:
        """Has no parameters."""
        return GradientBalancer(tasks, self.method)

    def require(self, trainer: Trainer) -> None:
        """Refuses what knows only a part of a task's gradient, or not its true size.

        Raises:
            InputError: Naming the option, or if TorchJD is not installed.
        """
        weighting_of(self.method)
        kind = type(trainer.strategy)
        if trainer.accumulate_grad_batches > 1:
            self._refuse("accumulate_grad_batches", trainer.accumulate_grad_batches, "1")
        if kind not in (SingleDeviceStrategy, DDPStrategy):
            self._refuse("strategy", kind.__name__, "auto or ddp")
        if trainer.precision == "16-mixed":
            self._refuse("precision", trainer.precision, "bf16-mixed or 32-true")

    def _refuse(self, option: str, found: object, expected: str) -> None:
        raise InputError(
            f"{self.method} compares the tasks' whole gradients before any is applied",
            found=f"trainer.{option}: {found}",
            expected=f"--trainer.{option}={expected}; or other model.balancing",
        )


class GradientBalancer(Balancer):
    """Weighs the tasks' gradients where they leave the heads for the encoder.

    Args:
        tasks: How many there are.
        method: Of `GradientBalancing`.
    """

    def __init__(self, tasks: int, method: str) -> None:
        super().__init__()
        self.tasks, self.method = tasks, method
        self._weights = torch.ones(tasks)

    @cached_property
    def weighting(self) -> Callable[[Tensor], Tensor]:
        """TorchJD's, when a step asks for it: a trained model can be used without it."""
        return weighting_of(self.method)

    def begin(self, device: torch.device) -> None:
        """Sets all weights to 1 until `forward` works out others."""
        self._weights = torch.ones(self.tasks, device=device)

    def gate(self, hidden: Tensor, task: int) -> Tensor:
        """The same hidden states, whose gradient is weighted."""
        gated: Tensor = _Gate.apply(hidden, self._weights, task)  # type: ignore[no-untyped-call]
        return gated

    def weights(self) -> list[float]:
        """Of the last step."""
        weights: list[float] = self._weights.tolist()
        return weights

    def forward(
        self, losses: Losses, encoder: nn.Module, average: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """The sum of the losses; the gates are set to what has been worked out."""
        shared = [p for p in encoder.parameters() if p.requires_grad]
        present = losses.present.nonzero().flatten().tolist()
        gradients = [average(_gradient(losses.values[task], shared)) for task in present]
        if not gradients:
            return losses.values.sum()
        products = torch.stack([torch.stack([a.dot(b) for b in gradients]) for a in gradients])
        with torch.random.fork_rng(devices=[]):  # PCGrad's order: the same in every process
            torch.manual_seed(losses.update)
            self._weights[present] = self.weighting(products).to(self._weights)
        return losses.values.sum()


def weighting_of(method: str) -> Callable[[Tensor], Tensor]:
    """From the products of the tasks' gradients (tasks, tasks) to their weights (tasks,).

    Raises:
        InputError: If TorchJD is not installed.
    """
    try:
        from torchjd import aggregation  # an extra: most runs need none of it

        weighting: Callable[[Tensor], Tensor] = getattr(aggregation, _WEIGHTINGS[method])()
    except ImportError as error:
        raise InputError(
            "gradient balancing needs TorchJD",
            found=str(error).splitlines()[0],
            expected="pip install 'arabic-mtl[balancing]'",
        ) from None
    return weighting


class _Gate(torch.autograd.Function):
    """Lets values through, and gradients times a weight that is not known until backward."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weights: Tensor, task: int) -> Tensor:
        ctx.weights, ctx.task = weights, task
        return hidden.view_as(hidden)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return gradients[0] * ctx.weights[ctx.task].to(gradients[0].dtype), None, None


def _gradient(loss: Tensor, parameters: list[nn.Parameter]) -> Tensor:
    gradients = torch.autograd.grad(loss, parameters, retain_graph=True, materialize_grads=True)
    return torch.cat([gradient.flatten() for gradient in gradients])
