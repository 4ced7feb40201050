"""From a text's hidden states to one set of logits."""

from typing import Literal

from torch import Tensor, nn

from arabic_mtl.model.heads.base import Head, Logits, text_summary
from arabic_mtl.model.tokens import Targets, Tokens

Pooling = Literal["summary", "first"]
"""What a head sees of a text."""


class SequenceHead(Head):
    """Summary of the text → dropout → linear.

    Args:
        hidden_size: Of a token's vector.
        outputs: How many logits there are.
        dropout: Of the summary.
    """

    def __init__(self, hidden_size: int, outputs: int, dropout: float) -> None:
        super().__init__(hidden_size=hidden_size, outputs=outputs, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(3 * hidden_size, outputs)

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Logits:
        """(rows, tokens, hidden_size) → ``logits`` (rows, outputs)."""
        summary = text_summary(hidden, tokens.attention_mask)
        return {"logits": self.output(self.dropout(summary))}


class FirstTokenHead(Head):
    """First token → dense layer → tanh → dropout → linear.

    BERT's pooler and classifier (Devlin et al., 2019), so that the task can be exported as a plain
    sequence classifier.

    Args:
        hidden_size: Of a token's vector.
        outputs: How many logits there are.
        dropout: Of what the dense layer says.
    """

    def __init__(self, hidden_size: int, outputs: int, dropout: float) -> None:
        super().__init__(hidden_size=hidden_size, outputs=outputs, dropout=dropout)
        self.dense = nn.Linear(hidden_size, hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, outputs)

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Logits:
        """(rows, tokens, hidden_size) → ``logits`` (rows, outputs)."""
        return {"logits": self.output(self.dropout(self.dense(hidden[:, 0]).tanh()))}


TEXT_HEADS: dict[Pooling, type[SequenceHead] | type[FirstTokenHead]] = {
    "summary": SequenceHead,
    "first": FirstTokenHead,
}
