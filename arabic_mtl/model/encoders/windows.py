"""Overlapping windows over texts that are longer than an encoder's input."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from arabic_mtl.model.tokens import Tokens
from arabic_mtl.text.windows import WINDOWS_PER_PASS, cut


@dataclass(frozen=True)
class Windows:
    """The windows of a batch, and the mapping from windows back to tokens.

    Args:
        row: As in `arabic_mtl.text.windows.Cuts`.
        index: As in `arabic_mtl.text.windows.Cuts`.
        source: As in `arabic_mtl.text.windows.Cuts`.
    """

    row: Tensor
    index: Tensor
    source: Tensor

    @classmethod
    def cut(cls, tokens: Tokens, longest: int) -> Self:
        """Cuts the rows that are longer than ``longest`` tokens."""
        cuts = cut(tokens.attention_mask.cpu().numpy(), tokens.word_ids.cpu().numpy(), longest)
        device = tokens.input_ids.device
        return cls(*(torch.from_numpy(array).to(device) for array in vars(cuts).values()))

    def encode(self, tokens: Tokens, network: Callable[..., Tensor]) -> Tensor:
        """Encodes all windows and returns the hidden state of each token.

        Args:
            tokens: The batch that was cut into the windows.
            network: A function from ids, mask and token types to hidden states (windows, width,
                size).

        Returns:
            (rows, tokens, size).
        """
        position = self.row[:, None], self.index.clamp(min=0)
        mask = (self.index >= 0).long()
        inputs = tokens.input_ids[position], mask, tokens.token_type_ids[position]
        parts = zip(*(torch.split(tensor, WINDOWS_PER_PASS) for tensor in inputs), strict=True)
        hidden = torch.cat([network(*part) for part in parts])
        return hidden.flatten(0, 1)[self.source]
