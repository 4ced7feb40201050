"""Fixed task weights."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from arabic_mtl.training.balancing.base import Balancer, Balancing, Losses


@dataclass(frozen=True, kw_only=True)
class FixedWeights(Balancing):
    """The sum of the tasks' losses, each multiplied by the task's ``weight``."""

    def build(self, tasks: int) -> Balancer:
        """Returns a balancer without parameters."""
        return Sum()


class Sum(Balancer):
    """A balancer that adds up the weighted losses."""

    def forward(
        self, losses: Losses, encoder: nn.Module, average: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """Returns the sum of the weighted losses."""
        return losses.values.sum()
