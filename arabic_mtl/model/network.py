"""The network that is trained: one encoder with the heads of all tasks."""

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from arabic_mtl.model.batch import Batch
from arabic_mtl.model.encoders import EncoderNetwork
from arabic_mtl.model.heads import Head, Logits
from arabic_mtl.model.tokens import Targets, Tokens

Gate = Callable[[str, Tensor], Tensor]
"""A function from a task's name and its hidden states to the hidden states for its head."""


class Network(nn.Module):
    """One encoder with the heads of all tasks.

    The encoder is registered first, then the heads in the order of the tasks. Initial weights,
    gradient clipping and equality with other trainers depend on this order.

    Args:
        encoder: The layers from tokens to hidden states.
        heads: Task to the layers from hidden states to its logits.
    """

    def __init__(self, encoder: EncoderNetwork, heads: Mapping[str, Head]) -> None:
        super().__init__()
        self.encoder, self.heads = encoder, nn.ModuleDict(heads)
        self._heads = dict(heads)  # the same modules with their types

    def head(self, task: str) -> Head:
        """Returns the head of a task."""
        return self._heads[task]

    def encode(
        self, tokens: Tokens, unique_rows: Tensor | None = None, inverse: Tensor | None = None
    ) -> Tensor:
        """Encodes a batch; equal texts are encoded once.

        Args:
            tokens: The rows.
            unique_rows: The first row of each distinct text (texts,).
            inverse: The index of each row's text among the distinct texts (rows,).

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
            hidden: The hidden states of the task's rows (rows, tokens, hidden_size).
            tokens: The task's rows.
            targets: The spans to label, if the head labels spans.
        """
        logits: Logits = self.heads[task](hidden, tokens, targets)
        return logits

    def forward(self, batch: Batch, gate: Gate | None = None) -> dict[str, Logits]:
        """Encodes a batch and runs every head, also heads without rows in the batch.

        Args:
            batch: The rows.
            gate: Maps the hidden states of each task; used by gradient balancing.

        Returns:
            Task to its logits.
        """
        hidden = self.encode(batch.tokens, batch.unique_rows, batch.inverse)
        logits = {}
        for task, rows in batch.rows.items():
            states = hidden[rows] if gate is None else gate(task, hidden[rows])
            logits[task] = self.ask(task, states, batch.tokens[rows], batch.targets[task])
        return logits
