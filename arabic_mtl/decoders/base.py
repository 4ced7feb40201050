"""The contract of a decoder: logits in, labels and raw characters out."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from arabic_mtl.text import Encoding

Floats = NDArray[np.floating]
"""Logits or probabilities."""

Arrays = Mapping[str, Floats]
"""The logits of a head, by name (`arabic_mtl.model.heads.named`)."""


def softmax(logits: Floats) -> Floats:
    """Of the last axis, which is not empty."""
    values = logits.astype(np.float64)
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    likely: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return likely


def sigmoid(logits: Floats) -> Floats:
    """Of each."""
    return 0.5 * (1.0 + np.tanh(0.5 * logits.astype(np.float64)))  # exp would overflow


@dataclass(frozen=True, kw_only=True)
class Decoder(ABC):
    """What the outputs of a task's head stand for.

    Decoders need neither torch nor the task that has taught the head: they are what is left of a
    task when a model is used.

    Args:
        labels: What the outputs stand for, in order.
    """

    kind: ClassVar[str] = ""
    """``sequence``, ``multilabel``, ``token`` or ``span``; empty for other kinds."""

    labels: tuple[str, ...]

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Makes a decoder again from its fields as JSON values."""
        return cls(**{**facts, "labels": tuple(facts["labels"])})

    @abstractmethod
    def answers(self, logits: Arrays, rows: Sequence[Encoding]) -> list[Any]:
        """What the logits say of each row, as JSON values with raw character offsets."""
