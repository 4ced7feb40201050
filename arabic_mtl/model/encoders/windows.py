"""Texts longer than an encoder can read at once, in overlapping windows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from arabic_mtl.model.tokens import Tokens
from arabic_mtl.text.windows import AT_ONCE, cut


@dataclass(frozen=True)
class Windows:
    """A batch whose long rows are cut into windows, and the way back.

    Args:
        row: As in `arabic_mtl.text.windows.Cuts`.
        index: Likewise.
        source: Likewise.
    """

    row: Tensor
    index: Tensor
    source: Tensor

    @classmethod
    def over(cls, tokens: Tokens, longest: int) -> Self:
        """Cuts the rows that are longer than ``longest`` tokens."""
        cuts = cut(tokens.attention_mask.cpu().numpy(), tokens.words.cpu().numpy(), longest)
        device = tokens.input_ids.device
        return cls(*(torch.from_numpy(of).to(device) for of in vars(cuts).values()))

    def encode(self, tokens: Tokens, network: Callable[..., Tensor]) -> Tensor:
        """Reads all windows and gives each token its hidden state.

        Args:
            tokens: The batch that the windows were made of.
            network: Ids, mask and segments → hidden states (windows, width, size).

        Returns:
            (rows, tokens, size).
        """
        place = self.row[:, None], self.index.clamp(min=0)
        mask = (self.index >= 0).long()
        inputs = tokens.input_ids[place], mask, tokens.token_type_ids[place]
        parts = zip(*(torch.split(tensor, AT_ONCE) for tensor in inputs), strict=True)
        hidden = torch.cat([network(*part) for part in parts])
        return hidden.flatten(0, 1)[self.source]
