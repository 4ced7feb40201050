"""Heads of text classification: one vector of logits for each text."""

from typing import Literal

from torch import Tensor, nn

from arabic_mtl.model.heads.base import Head, Logits, text_summary
from arabic_mtl.model.tokens import Targets, Tokens

Pooling = Literal["summary", "first"]
"""The text vector of a head: ``summary`` (first token, mean, maximum) or ``first`` token."""


class SequenceHead(Head):
    """Summary of the text → dropout → linear.

    Args:
        hidden_size: The length of a token's vector.
        outputs: The number of logits.
        dropout: The dropout probability of the summary.
    """

    def __init__(self, hidden_size: int, outputs: int, dropout: float) -> None:
        super().__init__(hidden_size=hidden_size, outputs=outputs, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(3 * hidden_size, outputs)

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Logits:
        """Computes ``logits`` (rows, outputs) from hidden states (rows, tokens, hidden_size)."""
        summary = text_summary(hidden, tokens.attention_mask)
        return {"logits": self.output(self.dropout(summary))}


class FirstTokenHead(Head):
    """First token → dense layer → tanh → dropout → linear.

    These are BERT's pooler and classifier (Devlin et al., 2019), so that the task can be exported
    as a Hugging Face sequence classifier.

    Args:
        hidden_size: The length of a token's vector.
        outputs: The number of logits.
        dropout: The dropout probability of the dense layer's output.
    """

    def __init__(self, hidden_size: int, outputs: int, dropout: float) -> None:
        super().__init__(hidden_size=hidden_size, outputs=outputs, dropout=dropout)
        self.dense = nn.Linear(hidden_size, hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, outputs)

    def forward(self, hidden: Tensor, tokens: Tokens, targets: Targets) -> Logits:
        """Computes ``logits`` (rows, outputs) from hidden states (rows, tokens, hidden_size)."""
        return {"logits": self.output(self.dropout(self.dense(hidden[:, 0]).tanh()))}


TEXT_HEADS: dict[Pooling, type[SequenceHead] | type[FirstTokenHead]] = {
    "summary": SequenceHead,
    "first": FirstTokenHead,
}
