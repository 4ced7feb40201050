"""Texts longer than an encoder can read at once, in overlapping windows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Self

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from arabic_mtl.text.encoding import NO_WORD
from arabic_mtl.tokens import Tokens

_OVERLAP = 4  # neighbours share a window's fourth part
_AT_ONCE = 64  # windows in one pass, so that memory does not grow with the text


class Stretch(NamedTuple):
    """A window of one row.

    Args:
        tokens: The row's tokens that it reads.
        first: The first of those whose hidden states come from it.
        last: One past the last of those.
        shift: What leads from a token's place in the row to its place in the window.
    """

    tokens: list[int]
    first: int
    last: int
    shift: int


@dataclass(frozen=True)
class Windows:
    """A batch whose long rows are cut into windows, and the way back.

    Each window has the row's special tokens round a stretch of its text. A token's hidden state
    comes from the one window in which it is farthest from an end: nothing is lost, and nothing
    counts twice.

    Args:
        row: The row of each window (windows,).
        index: The row's tokens that it reads, -1 for padding (windows, width).
        source: For each token of each row, its place among all windows' tokens (rows, tokens).
    """

    row: Tensor
    index: Tensor
    source: Tensor

    @classmethod
    def over(cls, tokens: Tokens, longest: int) -> Self:
        """Cuts the rows that are longer than ``longest`` tokens."""
        stretches = [(r, each) for r in range(len(tokens)) for each in _cut(tokens, r, longest)]
        index = pad_sequence(
            [torch.tensor(each.tokens) for _, each in stretches],
            batch_first=True,
            padding_value=-1,
        )
        source = torch.zeros(tokens.input_ids.shape, dtype=torch.long)
        for window, (row, each) in enumerate(stretches):
            start = window * index.shape[1] + each.shift
            source[row, each.first : each.last] = torch.arange(
                start + each.first, start + each.last
            )
        device = tokens.input_ids.device
        rows = torch.tensor([row for row, _ in stretches], device=device)
        return cls(rows, index.to(device), source.to(device))

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
        parts = zip(*(torch.split(tensor, _AT_ONCE) for tensor in inputs), strict=True)
        hidden = torch.cat([network(*part) for part in parts])
        return hidden.flatten(0, 1)[self.source]


def _cut(tokens: Tokens, row: int, longest: int) -> Iterator[Stretch]:
    length = int(tokens.attention_mask[row].sum())
    inside = (tokens.words[row] != NO_WORD).nonzero().flatten().tolist()
    if length <= longest or not inside:
        yield Stretch(list(range(length)), 0, length, 0)
        return
    first, last = inside[0], inside[-1] + 1
    before, behind = range(first), range(last, length)
    room = longest - len(before) - len(behind)
    starts = [*range(first, last - room, room - room // _OVERLAP), last - room]
    middles = [(one + room + other) // 2 for one, other in pairwise(starts)]
    for start, (own, end) in zip(starts, pairwise([0, *middles, length]), strict=True):
        yield Stretch([*before, *range(start, start + room), *behind], own, end, first - start)
