"""What is said of each label of a text: by attention of its own, and by single words."""

import torch
from torch import Tensor, nn

from arabic_mtl.model.heads.base import Head, Logits
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.text.encoding import NO_WORD

_KEYS = 128
_RARE = -3.0  # where the logits begin: most labels are not there
_RARER = -4.0  # of single words


class MultiLabelHead(Head):
    """Each label looks at the tokens that speak of it (Mullenbach et al., 2018).

    Args:
        hidden_size: Of a token's vector.
        labels: How many there are.
        dropout: Of the vectors.
        evidence: Whether single words are asked for each label, too: the most certain of them
            count towards the text's.
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
        """(rows, tokens, hidden_size) → ``logits`` (rows, labels).

        With evidence also ``words`` (rows, tokens, labels).
        """
        dropped = self.dropout(hidden)
        padding = ~tokens.attention_mask.bool()[..., None]
        attention = self.attention(self.keys(dropped).tanh()).float()
        weights = attention.masked_fill(padding, -torch.inf).softmax(dim=1).to(dropped.dtype)
        seen = torch.einsum("rtl,rth->rlh", weights, dropped)
        text: Tensor = (seen * self.output.weight).sum(dim=-1).float() + self.output.bias
        if self.words is None:
            return {"logits": text}
        words = self.words(dropped).float()
        outside = (tokens.words == NO_WORD)[..., None]
        most = words.masked_fill(outside, -100.0).logsumexp(dim=1)
        most = most.masked_fill(outside.all(dim=1), 0.0)  # no words, no evidence
        return {"logits": text + self.certainty * most, "words": words}
