"""A head of multi-label classification with per-label attention."""

import torch
from torch import Tensor, nn

from arabic_mtl.model.heads.base import Head, Logits
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.text.encoding import NO_WORD

_KEYS = 128
_RARE = -3.0  # the initial bias: a text has few of the labels
_RARER = -4.0  # the same for single words


class MultiLabelHead(Head):
    """Per-label attention (Mullenbach et al., 2018), with optional word-level logits.

    Args:
        hidden_size: The length of a token's vector.
        labels: The number of labels.
        dropout: The dropout probability of the tokens' vectors.
        evidence: Whether to classify single words as well. The log-sum-exp of a label's word
            logits, times a learned factor, is added to the label's logit.
    """

    def __init__(self, hidden_size: int, labels: int, dropout: float, *, evidence: bool) -> None:
        super().__init__(hidden_size=hidden_size, labels=labels, dropout=dropout, evidence=evidence)
        self.dropout = nn.Dropout(dropout)
        self.keys = nn.Linear(hidden_size, _KEYS)
        self.attention = nn.Linear(_KEYS, labels)
        self.output = nn.Linear(hidden_size, labels)
        nn.init.constant_(self.output.bias, _RARE)
        self.words = nn.Linear(hidden_size, labels) if evidence else None
        if self.words is not None:
            nn.init.constant_(self.words.bias, _RARER)
            self.certainty = nn.Parameter(torch.tensor([0.5]))  # FSDP refuses scalars

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Logits:
        """Computes ``logits`` (rows, labels) from hidden states (rows, tokens, hidden_size).

        With evidence, ``words`` (rows, tokens, labels) are returned as well.
        """
        dropped = self.dropout(hidden)
        padding = ~tokens.attention_mask.bool()[..., None]
        attention = self.attention(self.keys(dropped).tanh()).float()
        weights = attention.masked_fill(padding, -torch.inf).softmax(dim=1).to(dropped.dtype)
        pooled = torch.einsum("rtl,rth->rlh", weights, dropped)
        text: Tensor = (pooled * self.output.weight).sum(dim=-1).float() + self.output.bias
        if self.words is None:
            return {"logits": text}
        words = self.words(dropped).float()
        outside = (tokens.word_ids == NO_WORD)[..., None]
        most = words.masked_fill(outside, -100.0).logsumexp(dim=1)
        most = most.masked_fill(outside.all(dim=1), 0.0)  # no words, no evidence
        return {"logits": text + self.certainty * most, "words": words}
