"""The interface of loss balancing."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from lightning.pytorch import Trainer
from torch import Tensor, nn


class Losses(NamedTuple):
    """The losses of the tasks for one batch on one process.

    Args:
        values: Weighted losses (tasks,). Their average over the processes, summed over the batches
            of an optimizer step and divided by ``accumulate_grad_batches``, is the weighted mean
            over all labelled items of the optimizer step.
        present: Whether each task has labelled items in the optimizer step (tasks,).
        step_fraction: Scales a term that must count once per optimizer step: averaged and summed
            in the same way, it is 1.
        update: The index of the optimizer step.
    """

    values: Tensor
    present: Tensor
    step_fraction: float
    update: int


class Balancer(nn.Module, ABC):
    """A module that combines the losses of the tasks; it may have parameters."""

    def begin(self, device: torch.device) -> None:
        """Prepares a forward pass; called before any head.

        Args:
            device: The device of the model.
        """

    def gate(self, hidden: Tensor, task: int) -> Tensor:
        """Returns the hidden states for a task's head; by default the shared ones, unchanged.

        Args:
            hidden: Hidden states of the task's rows.
            task: Index of the task.
        """
        return hidden

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Returns the optimizer's parameter groups; by default none."""
        return []

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """Returns the parameters that belong to one task, given by its index; by default none."""
        return []

    def weights(self) -> list[float]:
        """Returns the current weight of each task, for logging; empty if weights are fixed.

        A task's own ``weight`` is not included.
        """
        return []

    @abstractmethod
    def forward(
        self, losses: Losses, encoder: nn.Module, average: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """Returns the loss to call ``backward`` on.

        Args:
            losses: The losses of the tasks.
            encoder: The shared encoder.
            average: Returns the mean of a tensor over all processes.
        """


@dataclass(frozen=True, kw_only=True)
class Balancing(ABC):
    """The configuration of a balancer."""

    @abstractmethod
    def build(self, tasks: int) -> Balancer:
        """Returns a new balancer for a number of tasks."""

    def require(self, trainer: Trainer) -> None:  # noqa: B027 - most need nothing
        """Raises `InputError` if a Trainer's options do not work with the balancer.

        Raises:
            InputError: If they do not; the message names the option.
        """
