"""A network: one encoder under the heads of all tasks."""

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from arabic_mtl.model.batch import Batch
from arabic_mtl.model.encoders import EncoderNetwork
from arabic_mtl.model.heads import Head, Logits
from arabic_mtl.model.tokens import Targets, Tokens

Gate = Callable[[str, Tensor], Tensor]
"""Maps a task and the hidden states of its rows to those that its head reads."""


class Network(nn.Module):
    """One encoder under the heads of all tasks.

    The encoder is registered before the heads, and these in the order of the tasks: initial
    weights, gradient clipping and equality with other trainers depend on it.

    Args:
        encoder: Tokens to hidden states.
        heads: Task to the layers from hidden states to its logits.
    """

    def __init__(self, encoder: EncoderNetwork, heads: Mapping[str, Head]) -> None:
        super().__init__()
        self.encoder, self.heads = encoder, nn.ModuleDict(heads)
        self._heads = dict(heads)  # a typed view of what the module dictionary owns

    def head(self, task: str) -> Head:
        """Returns the head of a task."""
        return self._heads[task]

    def encode(
        self, tokens: Tokens, unique_rows: Tensor | None = None, inverse: Tensor | None = None
    ) -> Tensor:
        """Encodes texts, equal ones once.

        Args:
            tokens: The rows.
            unique_rows: The first row of each distinct input (inputs,).
            inverse: For each row the index of its input (rows,).

        Returns:
            Hidden states (rows, tokens, hidden_size).
        """
        if unique_rows is None or inverse is None or len(unique_rows) == len(inverse):
            hidden: Tensor = self.encoder(tokens)
            return hidden
        hidden = self.encoder(tokens[unique_rows])
        return hidden[inverse]

    def ask(self, task: str, hidden: Tensor, tokens: Tokens, targets: Targets) -> Logits:
        """Returns the logits of one task's head, by name.

        Args:
            task: The task's name.
            hidden: The hidden states of its rows (rows, tokens, hidden_size).
            tokens: Its rows.
            targets: The spans to label, for a head that is asked about spans.
        """
        logits: Logits = self.heads[task](hidden, tokens, targets)
        return logits

    def forward(self, batch: Batch, gate: Gate | None = None) -> dict[str, Logits]:
        """Encodes a batch and asks every head, if need be with no rows.

        Args:
            batch: The rows.
            gate: Passes hidden states on to heads, as gradient balancing does.

        Returns:
            Task to its logits.
        """
        hidden = self.encode(batch.tokens, batch.unique_rows, batch.inverse)
        logits = {}
        for task, rows in batch.rows.items():
            seen = hidden[rows] if gate is None else gate(task, hidden[rows])
            logits[task] = self.ask(task, seen, batch.tokens[rows], batch.targets[task])
        return logits
