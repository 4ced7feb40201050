"""The rows of one encoder pass, and the update of the weights that they are part of."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, Self

import torch
from torch import Tensor

from arabic_mtl.model.tokens import Targets, Tokens


class Update(NamedTuple):
    """One update of the weights, by the gradients of one or more batches.

    Args:
        batches: How many batches it takes.
        items: Task to the labelled items of all of them, on all processes.
    """

    batches: int
    items: dict[str, int]


@dataclass(frozen=True)
class Batch:
    """One encoder pass.

    Args:
        tokens: All rows.
        inputs: The rows whose inputs differ from all before (inputs,).
        source: Each row's place among those (rows,).
        rows: Task to the rows that it reads.
        targets: Task to what it should say of them.
        numbers: Corpus to the numbers that its rows have in their table.
        update: What the batch is part of; of interest in training only.
    """

    tokens: Tokens
    inputs: Tensor
    source: Tensor
    rows: dict[str, slice]
    targets: dict[str, Targets]
    numbers: dict[str, list[int]]
    update: Update

    def encode(self, encoder: Callable[[Tokens], Tensor]) -> Tensor:
        """Hidden states (rows, tokens, hidden_size): equal inputs are read once."""
        if len(self.inputs) == len(self.source):
            return encoder(self.tokens)
        return encoder(self.tokens[self.inputs])[self.source]

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """The same batch on another device."""
        move = partial(Tensor.to, device=device, non_blocking=non_blocking)
        return replace(
            self,
            tokens=self.tokens.to(device, non_blocking=non_blocking),
            inputs=move(self.inputs),
            source=move(self.source),
            targets={
                task: {name: move(tensor) for name, tensor in tensors.items()}
                for task, tensors in self.targets.items()
            },
        )
