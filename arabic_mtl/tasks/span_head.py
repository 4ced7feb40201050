"""From a text's hidden states to the logits of its spans."""

import torch
from torch import Tensor, nn

from arabic_mtl.tasks.base import Targets
from arabic_mtl.tasks.pooling import masked_mean, text_summary
from arabic_mtl.text import Tokens

_HIDDEN = 256  # at most
_GIVEN = 64
_WITHHELD = 0.1  # how often what is given is not, in training: in use it may be unknown
_KEYS = 64
_FARTHEST = 10  # tokens: beyond, distances are alike


class SpanHead(nn.Module):
    """Span mean, text summary, NULL flag, and more where asked → hidden layer → linear.

    Args:
        hidden_size: Of a token's vector.
        outputs: How many labels there are.
        dropout: Of the features and of the hidden layer.
        window: Tokens on either side whose means are features.
        attention: Whether the mean over the text by attention is one.
        given: How many labels there are of what is told of each span besides; 0 for nothing.
    """

    def __init__(
        self,
        hidden_size: int,
        outputs: int,
        dropout: float,
        *,
        window: int = 0,
        attention: bool = False,
        given: int = 0,
    ) -> None:
        super().__init__()
        self.window = window
        self.attention = SpanAttention(hidden_size) if attention else None
        self.given = nn.Embedding(given + 1, _GIVEN) if given else None
        parts = 4 + 2 * bool(window) + attention
        inputs, inner = parts * hidden_size + 1 + _GIVEN * bool(given), min(hidden_size, _HIDDEN)
        self.dropout = nn.Dropout(dropout)
        self.hidden, self.output = nn.Linear(inputs, inner), nn.Linear(inner, outputs)

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Tensor:
        """(rows, tokens, hidden_size) → logits (spans, outputs)."""
        row, start, end, first, last = targets["spans"].unbind(dim=1)
        mask = tokens.attention_mask
        length = mask.sum(dim=1)[row]
        whole = (first == 0) & (last == length)
        means = _range_means(hidden, row, first, torch.where(whole, first, last))
        means = torch.where(whole[:, None], masked_mean(hidden, mask)[row], means)
        features = [means, text_summary(hidden, mask)[row], (start == end)[:, None].to(means.dtype)]
        if self.window:
            nearest = (first - self.window).clamp(min=0)
            farthest = torch.minimum(last + self.window, length)  # of the whole: nothing
            features.append(_range_means(hidden, row, nearest, first))
            features.append(_range_means(hidden, row, last, farthest))
        if self.attention is not None:
            features.append(self.attention(hidden, mask, means, targets["spans"]))
        if self.given is not None:
            features.append(self._given(targets["given"]))
        mixed = self.hidden(self.dropout(torch.cat(features, dim=-1)))
        logits: Tensor = self.output(self.dropout(nn.functional.gelu(mixed)))
        return logits

    def _given(self, given: Tensor) -> Tensor:
        assert self.given is not None
        known = given + 1
        if self.training:
            withheld = torch.rand(given.shape, device=given.device) < _WITHHELD
            known = known.masked_fill(withheld, 0)
        vectors: Tensor = self.given(known)
        return vectors


class SpanAttention(nn.Module):
    """A mean over the text, by what a span asks for and how far from it a token is.

    Args:
        hidden_size: Of a token's vector.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(hidden_size, _KEYS), nn.Linear(hidden_size, _KEYS)
        self.distance = nn.Embedding(2 * _FARTHEST + 1, 1)
        nn.init.zeros_(self.distance.weight)

    def forward(self, hidden: Tensor, mask: Tensor, means: Tensor, spans: Tensor) -> Tensor:
        """The spans' means (spans, hidden_size) and places → (spans, hidden_size)."""
        row, _, _, first, last = spans.unbind(dim=1)
        place = torch.arange(hidden.shape[1], device=hidden.device)
        before, behind = place - first[:, None], place - last[:, None] + 1
        away = before.clamp(max=0) + behind.clamp(min=0)
        bias = self.distance(away.clamp(-_FARTHEST, _FARTHEST) + _FARTHEST)[..., 0]
        scores = torch.einsum("sk,stk->st", self.query(means), self.key(hidden)[row])
        scores = (scores * _KEYS**-0.5 + bias).float()
        weights = scores.masked_fill(~mask[row].bool(), -torch.inf).softmax(dim=1)
        return torch.einsum("st,sth->sh", weights.to(hidden.dtype), hidden[row])


def _range_means(hidden: Tensor, row: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """The mean of each range of tokens (ranges, hidden_size); zero of an empty one."""
    length = last - first
    offset = torch.arange(int(length.max()) if len(length) else 0, device=hidden.device)
    place = (first[:, None] + offset).clamp(max=hidden.shape[1] - 1)  # (ranges, longest)
    return masked_mean(hidden[row[:, None], place], offset < length[:, None])
