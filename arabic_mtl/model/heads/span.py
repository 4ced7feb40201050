"""From a text's hidden states to the logits of its spans."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from arabic_mtl.decoders import UNKNOWN
from arabic_mtl.model.heads.base import Head, Logits, text_summary
from arabic_mtl.model.tokens import Targets, Tokens

_HIDDEN = 256  # at most
_GIVEN = 64
_WITHHELD = 0.1  # how often what is given is not, in training: in use it may be unknown
_KEYS = 64
_FARTHEST = 10  # tokens: beyond, distances are alike


class SpanHead(Head):
    """What a span looks at, a summary of its text, a NULL flag → hidden layer → linear.

    Args:
        hidden_size: Of a token's vector.
        outputs: How many labels there are.
        dropout: Of the features and of the hidden layer.
        window: Tokens on either side whose means are looked at, too.
        attention: Whether the text is looked at by attention, too.
        given: How many labels there are of what is told of each span besides; 0 for nothing.
    """

    asks_spans: ClassVar[bool] = True

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
        options = {"window": window, "attention": attention, "given": given}
        super().__init__(hidden_size=hidden_size, outputs=outputs, dropout=dropout, **options)
        self.window = window
        self.attention = SpanAttention(hidden_size) if attention else None
        self.given = nn.Embedding(given + 1, _GIVEN) if given else None
        parts = 4 + 2 * bool(window) + attention
        inputs, inner = parts * hidden_size + 1 + _GIVEN * bool(given), min(hidden_size, _HIDDEN)
        self.dropout = nn.Dropout(dropout)
        self.hidden, self.output = nn.Linear(inputs, inner), nn.Linear(inner, outputs)

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Logits:
        """(rows, tokens, hidden_size) → ``logits`` (spans, outputs)."""
        row, start, end, *_ = targets["spans"].unbind(dim=1)
        summary = text_summary(hidden, tokens.attention_mask)[row]
        null = (start == end)[:, None].to(hidden.dtype)
        features = [self._looks(hidden, tokens.attention_mask, targets["spans"]), summary, null]
        if self.given is not None:
            features.append(self.given(self._withhold(targets["given"]) + 1))
        mixed = self.hidden(self.dropout(torch.cat(features, dim=-1)))
        return {"logits": self.output(self.dropout(nn.functional.gelu(mixed)))}

    def _looks(self, hidden: Tensor, mask: Tensor, spans: Tensor) -> Tensor:
        """Means over the text by several weights of its tokens (spans, looks × hidden_size)."""
        row, _, _, first, last = spans.unbind(dim=1)
        length = mask.sum(dim=1)[row]
        ranges = [(first, last)]
        if self.window:  # nothing round the whole text
            ranges.append(((first - self.window).clamp(min=0), first))
            ranges.append((last, torch.minimum(last + self.window, length)))
        weights = torch.stack([_uniform(*each, hidden) for each in ranges], dim=1)
        if self.attention is not None:
            own = _weighted(hidden, row, weights[:, :1])[:, 0]
            asked = self.attention(own, hidden, mask, spans)[:, None]
            weights = torch.cat([weights, asked.to(weights.dtype)], dim=1)
        return _weighted(hidden, row, weights).flatten(1)

    def _withhold(self, given: Tensor) -> Tensor:
        if not self.training:
            return given
        withheld = torch.rand(given.shape, device=given.device) < _WITHHELD
        return given.masked_fill(withheld, UNKNOWN)


def of_spans(table: Tensor) -> Targets:
    """What a `SpanHead` is asked: pieces of texts (`arabic_mtl.decoders.span.table_of`)."""
    return {"spans": table[:, :5], "given": table[:, 5]}


class SpanAttention(nn.Module):
    """How much of each token a span asks for, by meaning and by distance.

    Args:
        hidden_size: Of a token's vector.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(hidden_size, _KEYS), nn.Linear(hidden_size, _KEYS)
        self.distance = nn.Embedding(2 * _FARTHEST + 1, 1)
        nn.init.zeros_(self.distance.weight)

    def forward(self, own: Tensor, hidden: Tensor, mask: Tensor, spans: Tensor) -> Tensor:
        """The spans' own means (spans, hidden_size) and places → weights (spans, tokens)."""
        row, _, _, first, last = spans.unbind(dim=1)
        place = torch.arange(hidden.shape[1], device=hidden.device)
        before, behind = place - first[:, None], place - last[:, None] + 1
        away = before.clamp(max=0) + behind.clamp(min=0)
        bias = self.distance(away.clamp(-_FARTHEST, _FARTHEST) + _FARTHEST)[..., 0]
        asked = torch.einsum("sk,stk->st", self.query(own), self.key(hidden)[row])
        scores = (asked * _KEYS**-0.5 + bias).float()
        weights: Tensor = scores.masked_fill(~mask[row].bool(), -torch.inf).softmax(dim=1)
        return weights


def _uniform(first: Tensor, last: Tensor, hidden: Tensor) -> Tensor:
    """Weights of the mean over each range of tokens (ranges, tokens); none of an empty one."""
    place = torch.arange(hidden.shape[1], device=hidden.device)
    inside = (place >= first[:, None]) & (place < last[:, None])
    return inside.to(hidden.dtype) / (last - first).clamp(min=1)[:, None]


def _weighted(hidden: Tensor, row: Tensor, weights: Tensor) -> Tensor:
    """Each span's weighted sums of its text's tokens, without a copy of the text for each span.

    Args:
        hidden: (rows, tokens, hidden_size).
        row: The row of each span, in ascending order (spans,).
        weights: (spans, looks, tokens).

    Returns:
        (spans, looks, hidden_size).
    """
    if torch.onnx.is_in_onnx_export():  # which knows no table of so many spans as there are
        return weights @ hidden[row]
    rows, looks = len(hidden), weights.shape[1]
    row = row.contiguous()  # or `searchsorted` warns
    number = torch.arange(len(row), device=row.device) - torch.searchsorted(row, row)  # in its row
    most = int(number.max()) + 1 if len(row) else 0
    table = weights.new_zeros(rows, most, looks, weights.shape[2])
    table[row, number] = weights
    sums: Tensor = (table.flatten(1, 2) @ hidden).view(rows, most, looks, hidden.shape[-1])
    return sums[row, number]
