"""The head of span classification: one vector of logits for each span."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from arabic_mtl.decoders import UNKNOWN
from arabic_mtl.model.heads.base import Head, Logits, text_summary
from arabic_mtl.model.tokens import Targets, Tokens

_HIDDEN = 256  # the largest hidden layer
_CONDITION_SIZE = 64
_CONDITION_DROPOUT = 0.1  # in training, because a condition may be unknown at inference
_KEYS = 64
_FARTHEST = 10  # tokens; larger distances share one bias


class SpanHead(Head):
    """Pooled vectors of a span, a summary of its text, a NULL flag → hidden layer → linear.

    Args:
        hidden_size: The length of a token's vector.
        outputs: The number of labels.
        dropout: The dropout probability of the features and of the hidden layer.
        window: The number of tokens on either side of a span whose means are added as features.
        attention: Whether to add an attention-weighted mean of the text as a feature.
        conditions: The number of labels that a span can be conditioned on; 0 for no condition.
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
        conditions: int = 0,
    ) -> None:
        options = {"window": window, "attention": attention, "conditions": conditions}
        super().__init__(hidden_size=hidden_size, outputs=outputs, dropout=dropout, **options)
        self.window = window
        self.attention = SpanAttention(hidden_size) if attention else None
        self.condition = nn.Embedding(conditions + 1, _CONDITION_SIZE) if conditions else None
        vectors = 4 + 2 * bool(window) + attention
        inputs = vectors * hidden_size + 1 + _CONDITION_SIZE * bool(conditions)
        inner = min(hidden_size, _HIDDEN)
        self.dropout = nn.Dropout(dropout)
        self.hidden, self.output = nn.Linear(inputs, inner), nn.Linear(inner, outputs)

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Logits:
        """Computes ``logits`` (spans, outputs) from hidden states (rows, tokens, hidden_size)."""
        row, start, end, *_ = targets["spans"].unbind(dim=1)
        summary = text_summary(hidden, tokens.attention_mask)[row]
        null = (start == end)[:, None].to(hidden.dtype)
        features = [self._pool(hidden, tokens.attention_mask, targets["spans"]), summary, null]
        if self.condition is not None:
            features.append(self.condition(self._drop_condition(targets["conditions"]) + 1))
        mixed = self.hidden(self.dropout(torch.cat(features, dim=-1)))
        return {"logits": self.output(self.dropout(nn.functional.gelu(mixed)))}

    def _pool(self, hidden: Tensor, mask: Tensor, spans: Tensor) -> Tensor:
        """Returns the weighted means of each span's tokens (spans, means × hidden_size)."""
        row, _, _, first, last = spans.unbind(dim=1)
        length = mask.sum(dim=1)[row]
        ranges = [(first, last)]
        if self.window:  # both ranges are empty around the whole text
            ranges.append(((first - self.window).clamp(min=0), first))
            ranges.append((last, torch.minimum(last + self.window, length)))
        weights = torch.stack([_uniform(*limits, hidden) for limits in ranges], dim=1)
        if self.attention is not None:
            own = _weighted(hidden, row, weights[:, :1])[:, 0]
            attended = self.attention(own, hidden, mask, spans)[:, None]
            weights = torch.cat([weights, attended.to(weights.dtype)], dim=1)
        return _weighted(hidden, row, weights).flatten(1)

    def _drop_condition(self, conditions: Tensor) -> Tensor:
        if not self.training:
            return conditions
        dropped = torch.rand(conditions.shape, device=conditions.device) < _CONDITION_DROPOUT
        return conditions.masked_fill(dropped, UNKNOWN)


def span_targets(table: Tensor) -> Targets:
    """Returns the targets of a `SpanHead` for a table of `arabic_mtl.decoders.span.query_table`."""
    return {"spans": table[:, :5], "conditions": table[:, 5]}


class SpanAttention(nn.Module):
    """Dot-product attention from a span to its text, with a bias by distance.

    Args:
        hidden_size: The length of a token's vector.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(hidden_size, _KEYS), nn.Linear(hidden_size, _KEYS)
        self.distance = nn.Embedding(2 * _FARTHEST + 1, 1)
        nn.init.zeros_(self.distance.weight)

    def forward(self, own: Tensor, hidden: Tensor, mask: Tensor, spans: Tensor) -> Tensor:
        """Computes attention weights (spans, tokens).

        Args:
            own: The mean of each span's own tokens (spans, hidden_size).
            hidden: (rows, tokens, hidden_size).
            mask: (rows, tokens), 0 for padding.
            spans: (spans, 5): row, start, end, first token, last token + 1.
        """
        row, _, _, first, last = spans.unbind(dim=1)
        position = torch.arange(hidden.shape[1], device=hidden.device)
        from_first, from_last = position - first[:, None], position - last[:, None] + 1
        distance = from_first.clamp(max=0) + from_last.clamp(min=0)
        bias = self.distance(distance.clamp(-_FARTHEST, _FARTHEST) + _FARTHEST)[..., 0]
        products = torch.einsum("sk,stk->st", self.query(own), self.key(hidden)[row])
        scores = (products * _KEYS**-0.5 + bias).float()
        weights: Tensor = scores.masked_fill(~mask[row].bool(), -torch.inf).softmax(dim=1)
        return weights


def _uniform(first: Tensor, last: Tensor, hidden: Tensor) -> Tensor:
    """Returns the weights of the mean over each range of tokens (ranges, tokens).

    The weights of an empty range are all 0.
    """
    position = torch.arange(hidden.shape[1], device=hidden.device)
    inside = (position >= first[:, None]) & (position < last[:, None])
    return inside.to(hidden.dtype) / (last - first).clamp(min=1)[:, None]


def _weighted(hidden: Tensor, row: Tensor, weights: Tensor) -> Tensor:
    """Returns each span's weighted sums over its text, without a copy of the text per span.

    Args:
        hidden: (rows, tokens, hidden_size).
        row: The row of each span, in ascending order (spans,).
        weights: (spans, means, tokens).

    Returns:
        (spans, means, hidden_size).
    """
    if torch.onnx.is_in_onnx_export():  # a graph cannot have a table of data-dependent shape
        return weights @ hidden[row]
    rows, means = len(hidden), weights.shape[1]
    row = row.contiguous()  # or `searchsorted` warns
    # The index of each span among the spans of its row.
    index = torch.arange(len(row), device=row.device) - torch.searchsorted(row, row)
    most = int(index.max()) + 1 if len(row) else 0
    table = weights.new_zeros(rows, most, means, weights.shape[2])
    table[row, index] = weights
    sums: Tensor = (table.flatten(1, 2) @ hidden).view(rows, most, means, hidden.shape[-1])
    return sums[row, index]
