"""Which tags may follow which, and how likely they do."""

import torch
from torch import Tensor, nn

FORBIDDEN = -10_000.0
"""The score of what must not be: finite, for gradients of infinity are no numbers."""


class Transitions(nn.Module):
    """Scores of tag after tag, learned but for those that BIO forbids: an I after another label.

    Args:
        tags: 0 is O, then B and I of each label (`arabic_mtl.decoding.bio`).
    """

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.scores = nn.Parameter(torch.zeros(tags, tags))
        self.register_buffer("forbidden", _forbidden(tags), persistent=False)

    def forward(self) -> Tensor:
        """From a tag to the next: (tags, tags)."""
        return self.scores.float().masked_fill(self.get_buffer("forbidden"), FORBIDDEN)


def _forbidden(tags: int) -> Tensor:
    """Whether a tag must not follow another: an I follows the B or the I of its label."""
    tag = torch.arange(tags)
    label, begins, inside = (tag - 1) // 2, tag % 2 == 1, (tag > 0) & (tag % 2 == 0)
    follows = (label[:, None] == label) & (begins | inside)[:, None]
    return inside & ~follows
