"""Tasks weighted by how uncertain the model is about them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from arabic_mtl.errors import InputError
from arabic_mtl.training.balancing.base import Balancer, Balancing, Losses


@dataclass(frozen=True, kw_only=True)
class UncertaintyWeights(Balancing):
    """Weights that are learned with the model (Kendall, Gal and Cipolla, 2018).

    A task's loss L becomes L exp(-s) / 2 + s / 2, where s, the logarithm of the task's variance,
    begins at 0. A task without labelled items in an update leaves its s as it is.

    Args:
        lr: Highest learning rate of the s, which need a higher one than the model to move at all.
    """

    lr: float = 1e-2

    def __post_init__(self) -> None:
        """Checks the rate."""
        if not 0 < self.lr < float("inf"):
            raise InputError(
                "the weights are learned at a rate",
                found=f"model.balancing.lr: {self.lr}",
                expected="above 0",
            )

    def build(self, tasks: int) -> Balancer:
        """Has a parameter per task."""
        return Uncertainty(tasks, self.lr)


class Uncertainty(Balancer):
    """Knows the logarithm of each task's variance.

    Args:
        tasks: How many there are.
        lr: Highest learning rate of those.
    """

    def __init__(self, tasks: int, lr: float) -> None:
        super().__init__()
        self.lr = lr
        self.log_variances = nn.ParameterList(torch.zeros(1) for _ in range(tasks))

    def groups(self) -> list[dict[str, Any]]:
        """One without decay, which would pull the weights towards one half."""
        return [{"params": list(self.log_variances), "lr": self.lr, "weight_decay": 0.0}]

    def parameters_of(self, task: int) -> list[nn.Parameter]:
        """Its variance's logarithm."""
        return [self.log_variances[task]]

    def weights(self) -> list[float]:
        """exp(-s) / 2."""
        return [float(torch.exp(-each.detach()) / 2) for each in self.log_variances]

    def forward(
        self, losses: Losses, encoder: nn.Module, average: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """The weighted sum, and a term per task that keeps its variance down."""
        log_variance = torch.cat(list(self.log_variances))
        weighted = torch.exp(-log_variance) * losses.values
        kept_down = losses.once * log_variance * losses.present
        return (weighted + kept_down).sum() / 2
