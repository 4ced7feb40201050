"""Comparison of tensors up to rounding errors, which depend on the processor and on the shape."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


def tolerance(expected: Tensor, rtol: float, floor: float) -> float:
    """Returns the allowed distance from a tensor.

    Args:
        expected: The expected tensor.
        rtol: The tolerance relative to the largest absolute value.
        floor: The smallest number that `rtol` is multiplied by.
    """
    return rtol * max(float(expected.detach().abs().max()) if expected.numel() else 0.0, floor)


def assert_same(
    actual: Mapping[str, Tensor],
    expected: Mapping[str, Tensor],
    rtol: float = 1e-5,
    floor: float = 0.1,
) -> None:
    """Asserts that tensors are close by name, relative to each tensor's largest value."""
    assert actual.keys() == expected.keys()
    distant = {
        name: (distance, allowed)
        for name, value in expected.items()
        if (
            distance := float((actual[name] - value).detach().abs().max()) if value.numel() else 0.0
        )
        > (allowed := tolerance(value, rtol, floor))
    }
    assert distant == {}
