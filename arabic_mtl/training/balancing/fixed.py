"""Tasks weighted as the configuration says."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from arabic_mtl.training.balancing.base import Balancer, Balancing, Losses


@dataclass(frozen=True, kw_only=True)
class FixedWeights(Balancing):
    """The sum of the tasks' losses, each times its ``weight``."""

    def build(self, tasks: int) -> Balancer:
        """Has no parameters."""
        return Sum()


class Sum(Balancer):
    """Adds up."""

    def forward(
        self, losses: Losses, encoder: nn.Module, average: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """The sum of the weighted losses."""
        return losses.values.sum()
