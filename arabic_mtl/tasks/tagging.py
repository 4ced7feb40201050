"""What a tagger says of each token: tags, and the letters that a span leaves out."""

from typing import NamedTuple, Self

import torch
from torch import Tensor, nn

from arabic_mtl.tasks import crf
from arabic_mtl.tasks.base import IGNORED, Targets, summed_cross_entropy
from arabic_mtl.text.encoding import NO_WORD
from arabic_mtl.tokens import Tokens


class Tagging(NamedTuple):
    """The logits of a tagger.

    Args:
        tags: Of each tag of each token (rows, tokens, tags).
        before: Of the letters left out where a span begins (rows, tokens, trim + 1).
        behind: Of those left out where it ends.
        transitions: Of tag after tag (tags, tags), where the words of a text are tagged together.
    """

    tags: Tensor
    before: Tensor
    behind: Tensor
    transitions: Tensor | None = None

    @classmethod
    def of(cls, logits: Tensor, trim: int, transitions: Tensor | None = None) -> Self:
        """Parts the outputs of one layer."""
        sizes = [logits.shape[-1] - 2 * (trim + 1), trim + 1, trim + 1]
        tags, before, behind = torch.split(logits.float(), sizes, dim=-1)
        return cls(tags, before, behind, transitions)

    def tag_loss(self, labels: Tensor) -> Tensor:
        """The summed loss of the right tags (rows, tokens), `IGNORED` where a token has none."""
        if self.transitions is None:
            return summed_cross_entropy(self.tags, labels)
        words, lengths = _words(labels != IGNORED)
        scores, right = _at(self.tags, words), labels.gather(1, words).clamp(min=0)
        return crf.negative_log_likelihood(scores, self.transitions, right, lengths).sum()

    def decide(self, words: Tensor) -> tuple[Tensor, Tensor]:
        """The tags and their probabilities, both (rows, tokens); of first tokens alone they count.

        Args:
            words: The word of each token (rows, tokens).
        """
        if self.transitions is None or not self.tags.numel():
            scores, best = self.tags.softmax(dim=-1).max(dim=-1)
            return best, scores
        places, lengths = _words(first_tokens(words))
        chain = _at(self.tags, places), self.transitions, lengths
        path = crf.best_path(*chain)
        likely = crf.marginals(*chain).gather(2, path[..., None])[..., 0]
        inside = crf.inside(places, lengths)
        best, scores = torch.zeros_like(words), torch.ones_like(self.tags[..., 0])
        rows = torch.arange(len(places), device=places.device)[:, None].expand_as(places)
        best[rows[inside], places[inside]] = path[inside]
        scores[rows[inside], places[inside]] = likely[inside]
        return best, scores


class TokenHead(nn.Module):
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
        super().__init__()
        self.trim = trim
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, tags + 2 * (trim + 1))
        self.transitions = crf.Transitions(tags) if chain else None

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Tagging:
        """(rows, tokens, hidden_size) → logits."""
        transitions = None if self.transitions is None else self.transitions()
        return Tagging.of(self.output(self.dropout(hidden)), self.trim, transitions)


def first_tokens(words: Tensor) -> Tensor:
    """Whether each token is the first of its word (rows, tokens)."""
    before = nn.functional.pad(words, (1, 0), value=NO_WORD)[:, :-1]
    return (words != NO_WORD) & (words != before)


def _words(mask: Tensor) -> tuple[Tensor, Tensor]:
    """The tokens where a mask is set, in order (rows, words), and how many there are (rows,).

    There is one or more; behind a row's last they are any others.
    """
    lengths = mask.sum(dim=1)
    longest = max(int(lengths.max()) if len(lengths) else 0, 1)
    order = torch.argsort((~mask).long(), dim=1, stable=True)
    return order[:, :longest], lengths


def _at(values: Tensor, places: Tensor) -> Tensor:
    """Values (rows, tokens, size) at some tokens of each row (rows, words, size)."""
    return values.gather(1, places[..., None].expand(-1, -1, values.shape[-1]))
