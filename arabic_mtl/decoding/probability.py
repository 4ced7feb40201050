"""From logits to probabilities, in double precision."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
"""Logits or probabilities."""


def softmax(logits: Floats) -> Floats:
    """Of the last axis, which is not empty."""
    values = logits.astype(np.float64)
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    likely: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return likely


def sigmoid(logits: Floats) -> Floats:
    """Of each."""
    return 0.5 * (1.0 + np.tanh(0.5 * logits.astype(np.float64)))  # exp would overflow
