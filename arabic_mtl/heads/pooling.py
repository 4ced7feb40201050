"""From the hidden states of tokens to one vector for a text or a piece of it."""

import torch
from torch import Tensor


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
