"""Equality but for rounding, which differs between processors and grows with what is added up."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


def tolerance(tensor: Tensor, within: float, floor: float) -> float:
    """How far a tensor may be off: a part of its largest value.

    Args:
        tensor: What is expected.
        within: The part.
        floor: What counts as the largest value at least.
    """
    return within * max(float(tensor.detach().abs().max()) if tensor.numel() else 0.0, floor)


def assert_same(
    found: Mapping[str, Tensor],
    expected: Mapping[str, Tensor],
    within: float = 1e-5,
    floor: float = 0.1,
) -> None:
    """Compares tensors by name, each by its own largest value."""
    assert found.keys() == expected.keys()
    far = {
        name: (distance, allowed)
        for name, value in expected.items()
        if (distance := float((found[name] - value).detach().abs().max()) if value.numel() else 0.0)
        > (allowed := tolerance(value, within, floor))
    }
    assert far == {}
