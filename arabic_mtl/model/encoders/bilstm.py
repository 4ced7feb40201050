"""A bidirectional LSTM over padded rows, on the fast kernels."""

import torch
from torch import Tensor, nn


class BiLSTM(nn.Module):
    """One LSTM from the first word to the last, and one from the last to the first.

    Packed sequences would exclude the LSTM's fast kernels. Instead, each row is reversed within
    its own length.

    Args:
        inputs: The length of a word's input vector.
        hidden: The length of the state of each direction.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.ahead = nn.LSTM(inputs, hidden, batch_first=True)
        self.back = nn.LSTM(inputs, hidden, batch_first=True)

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """Computes states (rows, words, 2 × hidden) from vectors (rows, words, inputs).

        Padding does not change the states of words.
        """
        order = _reversed(mask)[..., None]
        ahead, _ = self.ahead(inputs)
        back, _ = self.back(inputs.gather(1, order.expand_as(inputs)))
        return torch.cat([ahead, back.gather(1, order.expand_as(back))], dim=-1)


def _reversed(mask: Tensor) -> Tensor:
    """Returns the positions that reverse each row's words and keep its padding (rows, words)."""
    position = torch.arange(mask.shape[1], device=mask.device)
    mirrored = mask.sum(dim=1, keepdim=True) - 1 - position
    return torch.where(mirrored < 0, position, mirrored)
