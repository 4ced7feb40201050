"""The head of span tagging: BIO tags, and trims at both ends of a span."""

import torch
from torch import Tensor, nn

from arabic_mtl.model.heads.base import Head, Logits
from arabic_mtl.model.tokens import Targets, Tokens

FORBIDDEN = -10_000.0
"""The score of a forbidden transition: finite, because infinity has NaN gradients."""


class Transitions(nn.Module):
    """The transition scores of a CRF: learned, except that I must follow B or I of its label.

    Args:
        tags: The number of tags: O, then B and I of each label (`arabic_mtl.decoders.bio`).
    """

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.scores = nn.Parameter(torch.zeros(tags, tags))
        self.register_buffer("forbidden", _forbidden(tags), persistent=False)

    def forward(self) -> Tensor:
        """Returns the scores from each tag to the next one (tags, tags)."""
        return self.scores.float().masked_fill(self.get_buffer("forbidden"), FORBIDDEN)


def _forbidden(tags: int) -> Tensor:
    """Returns a mask (tags, tags) of the transitions to an I from a tag of another label."""
    tag = torch.arange(tags)
    label, begins, inside = (tag - 1) // 2, tag % 2 == 1, (tag > 0) & (tag % 2 == 0)
    follows = (label[:, None] == label) & (begins | inside)[:, None]
    return inside & ~follows


def split_outputs(outputs: Tensor, trim: int) -> dict[str, Tensor]:
    """Splits the outputs of a tagger's last layer into its logits.

    Args:
        outputs: The outputs for each token (rows, tokens, tags + 2 × (trim + 1)).
        trim: The largest number of letters that a span leaves out at either end.

    Returns:
        ``tags`` (rows, tokens, tags); ``trim_start`` (rows, tokens, trim + 1), the logits of the
        number of letters left out at a span's start; ``trim_end``, the same at its end.
    """
    sizes = [outputs.shape[-1] - 2 * (trim + 1), trim + 1, trim + 1]
    names = ("tags", "trim_start", "trim_end")
    return dict(zip(names, torch.split(outputs.float(), sizes, dim=-1), strict=True))


class TokenHead(Head):
    """Dropout → linear for each token, with the transitions of a CRF if ``chain``.

    Args:
        hidden_size: The length of a token's vector.
        tags: The number of tags.
        trim: The largest number of letters that a span leaves out at either end.
        dropout: The dropout probability of the tokens' vectors.
        chain: Whether to tag the words of a text jointly, as a linear-chain CRF.
    """

    def __init__(
        self, hidden_size: int, tags: int, trim: int, dropout: float, *, chain: bool
    ) -> None:
        super().__init__(
            hidden_size=hidden_size, tags=tags, trim=trim, dropout=dropout, chain=chain
        )
        self.trim = trim
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, tags + 2 * (trim + 1))
        self.transitions = Transitions(tags) if chain else None

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Logits:
        """Computes the logits of `split_outputs` from hidden states (rows, tokens, hidden_size).

        With a chain, ``transitions`` (tags, tags) from each tag to the next are returned as well.
        """
        logits = split_outputs(self.output(self.dropout(hidden)), self.trim)
        if self.transitions is not None:
            logits["transitions"] = self.transitions()
        return logits
