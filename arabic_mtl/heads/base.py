"""The contract of a head: one vector per token in, logits out."""

from abc import ABC, abstractmethod
from typing import Any

from torch import Tensor, nn

from arabic_mtl.tokens import Tokens

Targets = dict[str, Tensor]
"""What a head, a loss or a metric needs besides the tokens, by name."""

Logits = Any
"""What a head says: a tensor (…, outputs), or a named tuple of several."""


class Head(nn.Module, ABC):
    """The layers between an encoder's hidden states and the logits of a task.

    Args:
        options: What the subclass was made with, to make it again.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = options

    @abstractmethod
    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Logits:
        """Hidden states (rows, tokens, hidden_size) → logits; a batch may have zero rows."""


def named(logits: Logits) -> dict[str, Tensor]:
    """Logits by name: ``logits`` if they are one tensor, the fields of a named tuple else."""
    if isinstance(logits, Tensor):
        return {"logits": logits}
    return {name: of for name, of in logits._asdict().items() if of is not None}
