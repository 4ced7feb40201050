"""The contract of a head, and how vectors of tokens become one."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from arabic_mtl.model.tokens import Targets, Tokens

Logits = Mapping[str, Tensor]
"""The outputs of a head by name; the same names in numpy and, after ``TASK/``, in ONNX."""


class Head(nn.Module, ABC):
    """The layers between an encoder's hidden states and the logits of a task.

    Args:
        options: What the subclass was made with, to make it again.
    """

    asks_spans: ClassVar[bool] = False
    """Whether it labels spans that are given to it, in ``targets``."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = options

    @abstractmethod
    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Logits:
        """Hidden states (rows, tokens, hidden_size) → logits; a batch may have zero rows."""


def masked_mean(hidden: Tensor, mask: Tensor) -> Tensor:
    """The mean over the tokens where ``mask`` is set.

    Args:
        hidden: (rows, tokens, size).
        mask: (rows, tokens), 0 or 1.

    Returns:
        (rows, size); zero where the mask is empty.
    """
    weights = mask.to(hidden.dtype)
    summed = torch.einsum("rts,rt->rs", hidden, weights)
    return summed / weights.sum(dim=1, keepdim=True).clamp(min=1)


def masked_max(hidden: Tensor, mask: Tensor) -> Tensor:
    """The maximum over the tokens where ``mask`` is set: (rows, size)."""
    lowest = torch.finfo(hidden.dtype).min
    return hidden.masked_fill(~mask.bool()[..., None], lowest).amax(dim=1)


def text_summary(hidden: Tensor, mask: Tensor) -> Tensor:
    """First token, mean and maximum side by side: (rows, 3 × size)."""
    return torch.cat([hidden[:, 0], masked_mean(hidden, mask), masked_max(hidden, mask)], dim=-1)
