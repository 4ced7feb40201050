"""The contract of a way to balance tasks."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from lightning.pytorch import Trainer
from torch import Tensor, nn


class Losses(NamedTuple):
    """What one batch on one process says of each task.

    Args:
        values: Weighted losses (tasks,). Averaged over the processes, added up over the batches
            of an update and divided by ``accumulate_grad_batches``, they are the means over all
            labelled items of the update.
        present: Which tasks have labelled items in the update (tasks,).
        once: The factor of a term that is to count once per update: averaged and added up in the
            same way, it is 1.
        update: The number of the update.
    """

    values: Tensor
    present: Tensor
    once: float
    update: int


class Balancer(nn.Module, ABC):
    """Makes one loss of several; a module, for it may have parameters of its own."""

    def begin(self, device: torch.device) -> None:
        """Prepares for a forward pass, before any head is asked."""

    def gate(self, hidden: Tensor, task: int) -> Tensor:
        """What a task's head gets to see of the shared hidden states: by default all."""
        return hidden

    def groups(self) -> list[dict[str, Any]]:
        """The optimizer's groups for the parameters, if there are any."""
        return []

    def parameters_of(self, task: int) -> list[nn.Parameter]:
        """Those of one task alone."""
        return []

    def weights(self) -> list[float]:
        """What each task now counts beside its own ``weight``, to be logged; none if fixed."""
        return []

    @abstractmethod
    def forward(
        self, losses: Losses, encoder: nn.Module, average: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """The loss to go backward from.

        Args:
            losses: Of the tasks.
            encoder: What the tasks share.
            average: Gives the mean of a tensor over all processes.
        """


@dataclass(frozen=True, kw_only=True)
class Balancing(ABC):
    """What a configuration says of it; `build` makes the parameters."""

    @abstractmethod
    def build(self, tasks: int) -> Balancer:
        """Makes it for a number of tasks."""

    def require(self, trainer: Trainer) -> None:  # noqa: B027 - most do with any
        """Refuses a Trainer under which it would be something else.

        Raises:
            InputError: Naming the option.
        """
