"""What a tagger says of each token: tags, and the letters that a span leaves out."""

import torch
from torch import Tensor, nn

from arabic_mtl.model.heads.base import Head, Logits
from arabic_mtl.model.tokens import Targets, Tokens

FORBIDDEN = -10_000.0
"""The score of what must not be: finite, for gradients of infinity are no numbers."""


class Transitions(nn.Module):
    """Scores of tag after tag, learned but for those that BIO forbids: an I after another label.

    Args:
        tags: 0 is O, then B and I of each label (`arabic_mtl.decoders.bio`).
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


def split_outputs(outputs: Tensor, trim: int) -> dict[str, Tensor]:
    """Splits the outputs of a tagger's last layer into its logits.

    Args:
        outputs: Of each token (rows, tokens, tags + 2 × (trim + 1)).
        trim: The most letters that a span leaves out at either end.

    Returns:
        ``tags`` (rows, tokens, tags); ``before`` (rows, tokens, trim + 1), of the letters left
        out where a span begins; ``behind``, of those left out where it ends.
    """
    sizes = [outputs.shape[-1] - 2 * (trim + 1), trim + 1, trim + 1]
    names = ("tags", "before", "behind")
    return dict(zip(names, torch.split(outputs.float(), sizes, dim=-1), strict=True))


class TokenHead(Head):
    """Dropout → linear, token by token; with a chain, transitions between the words' tags.

    Args:
        hidden_size: Of a token's vector.
        tags: How many there are.
        trim: The most letters that a span leaves out at either end.
        dropout: Of the vectors.
        chain: Whether to tag the words of a text together.
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
        """(rows, tokens, hidden_size) → the logits of `split_outputs`.

        With a chain also ``transitions`` (tags, tags), from a tag to the next.
        """
        logits = split_outputs(self.output(self.dropout(hidden)), self.trim)
        if self.transitions is not None:
            logits["transitions"] = self.transitions()
        return logits
