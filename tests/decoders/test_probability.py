"""Probabilities compared with torch, at any scale."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from arabic_mtl.decoders.base import sigmoid, softmax

Logits = NDArray[np.float32]

logits = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=1, max_dims=3, max_side=4),
    elements=st.floats(-1e4, 1e4, width=32),
)


@given(values=logits)
def test_probabilities_equal_torch(values: Logits) -> None:
    exact = torch.from_numpy(values).double()
    for actual, expected in [
        (softmax(values), exact.softmax(dim=-1)),
        (sigmoid(values), exact.sigmoid()),
    ]:
        assert actual.dtype == np.float64
        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-15)


@given(values=logits)
def test_softmax_sums_to_one_and_keeps_the_maximum(values: Logits) -> None:
    probabilities = softmax(values)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1.0, rtol=1e-12)
    highest = values == values.max(axis=-1, keepdims=True)
    maxima = np.broadcast_to(probabilities.max(axis=-1, keepdims=True), probabilities.shape)
    assert (probabilities[highest] == maxima[highest]).all()


def test_by_hand() -> None:
    np.testing.assert_allclose(
        softmax(np.log([[1.0, 3.0], [2.0, 2.0]])), [[0.25, 0.75], [0.5, 0.5]]
    )
    np.testing.assert_allclose(sigmoid(np.log([1.0, 3.0, 1 / 3])), [0.5, 0.75, 0.25])


@pytest.mark.filterwarnings("error")  # numpy warns of an overflow
def test_nothing_overflows() -> None:
    extremes = np.array([-3e38, 0.0, 3e38], dtype=np.float32)
    assert softmax(extremes).tolist() == [0.0, 0.0, 1.0]
    assert sigmoid(extremes).tolist() == [0.0, 0.5, 1.0]


def test_no_rows() -> None:
    assert softmax(np.zeros((0, 3))).shape == sigmoid(np.zeros((0, 3))).shape == (0, 3)
