"""An LSTM in both directions over rows of different lengths, at full speed."""

import torch
from torch import Tensor, nn


class BiLSTM(nn.Module):
    """One LSTM from the first word on, and one from the last.

    A packed sequence would keep the LSTM from its fast kernels; turning each row round within
    its own length does not.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.ahead = nn.LSTM(inputs, hidden, batch_first=True)
        self.back = nn.LSTM(inputs, hidden, batch_first=True)

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """(rows, words, inputs) → (rows, words, 2 × hidden); padding changes nothing."""
        turned = _turned(mask)[..., None]
        ahead, _ = self.ahead(inputs)
        back, _ = self.back(inputs.gather(1, turned.expand_as(inputs)))
        return torch.cat([ahead, back.gather(1, turned.expand_as(back))], dim=-1)


def _turned(mask: Tensor) -> Tensor:
    """The places of each row's words from the last to the first, padding where it was."""
    place = torch.arange(mask.shape[1], device=mask.device)
    back = mask.sum(dim=1, keepdim=True) - 1 - place
    return torch.where(back < 0, place, back)
