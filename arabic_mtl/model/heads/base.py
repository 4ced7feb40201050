"""The base class of heads, and pooling over the tokens of a text."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from arabic_mtl.model.tokens import Targets, Tokens

Logits = Mapping[str, Tensor]
"""Name to an output of a head; decoders use the same names, and ONNX graphs ``TASK/NAME``."""


class Head(nn.Module, ABC):
    """The layers between an encoder's hidden states and the logits of a task.

    Args:
        options: The arguments of the subclass, with which it can be built again.
    """

    asks_spans: ClassVar[bool] = False
    """True if the head labels the spans in ``targets``."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = options

    @abstractmethod
    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Logits:
        """Computes logits from hidden states (rows, tokens, hidden_size); rows may be 0."""


def masked_mean(hidden: Tensor, mask: Tensor) -> Tensor:
    """Returns the mean over the tokens where ``mask`` is 1.

    Args:
        hidden: (rows, tokens, size).
        mask: (rows, tokens), 0 or 1.

    Returns:
        (rows, size); zero for a row whose mask is all 0.
    """
    weights = mask.to(hidden.dtype)
    summed = torch.einsum("rts,rt->rs", hidden, weights)
    return summed / weights.sum(dim=1, keepdim=True).clamp(min=1)


def masked_max(hidden: Tensor, mask: Tensor) -> Tensor:
    """Returns the maximum over the tokens where ``mask`` is 1 (rows, size)."""
    lowest = torch.finfo(hidden.dtype).min
    return hidden.masked_fill(~mask.bool()[..., None], lowest).amax(dim=1)


def text_summary(hidden: Tensor, mask: Tensor) -> Tensor:
    """Returns first token, mean and maximum, concatenated (rows, 3 × size)."""
    return torch.cat([hidden[:, 0], masked_mean(hidden, mask), masked_max(hidden, mask)], dim=-1)
