"""Task weights from homoscedastic uncertainty (Kendall, Gal and Cipolla, 2018)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from arabic_mtl.errors import InputError
from arabic_mtl.training.balancing.base import Balancer, Balancing, Losses


@dataclass(frozen=True, kw_only=True)
class UncertaintyWeights(Balancing):
    """Task weights that are learned with the model (Kendall, Gal and Cipolla, 2018).

    A task's loss L is replaced by L exp(-s) / 2 + s / 2. The parameter s is the logarithm of the
    task's variance, and starts at 0. It does not change in an optimizer step without labelled items
    of the task.

    Args:
        lr: Highest learning rate of the parameters s; it must be higher than the model's for them
            to change noticeably.
    """

    lr: float = 1e-2

    def __post_init__(self) -> None:
        """Checks the learning rate."""
        if not 0 < self.lr < float("inf"):
            raise InputError(
                "model.balancing.lr must be positive and finite",
                found=f"model.balancing.lr: {self.lr}",
                expected="a number above 0",
            )

    def build(self, tasks: int) -> Balancer:
        """Returns a balancer with one parameter per task."""
        return Uncertainty(tasks, self.lr)


class Uncertainty(Balancer):
    """A balancer with the logarithm of each task's variance as a parameter.

    Args:
        tasks: Number of tasks.
        lr: Highest learning rate of the parameters.
    """

    def __init__(self, tasks: int, lr: float) -> None:
        super().__init__()
        self.lr = lr
        self.log_variances = nn.ParameterList(torch.zeros(1) for _ in range(tasks))

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Returns one group without weight decay, which would pull the weights towards 1/2."""
        return [{"params": list(self.log_variances), "lr": self.lr, "weight_decay": 0.0}]

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """Returns the logarithm of the task's variance."""
        return [self.log_variances[task]]

    def weights(self) -> list[float]:
        """Returns exp(-s) / 2 for each task."""
        return [float(torch.exp(-value.detach()) / 2) for value in self.log_variances]

    def forward(
        self, losses: Losses, encoder: nn.Module, average: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """Returns the sum of weighted losses and of a penalty per task for a large variance."""
        log_variance = torch.cat(list(self.log_variances))
        weighted = torch.exp(-log_variance) * losses.values
        penalty = losses.step_fraction * log_variance * losses.present
        return (weighted + penalty).sum() / 2
