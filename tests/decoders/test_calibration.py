"""Calibrated scores: the likeliest two numbers, and nothing where nothing can be learned."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from arabic_mtl.decoders.calibration import Calibration, calibrate


def overconfident(size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores whose logits are twice as large as they should be."""
    random = np.random.default_rng(seed)
    logits = random.normal(1, 1.5, size)
    right = random.random(size) < 1 / (1 + np.exp(-logits))
    return 1 / (1 + np.exp(-2 * logits)), right.astype(np.int64)


def test_the_truth_is_found() -> None:
    found = calibrate(*overconfident(200_000))
    assert found.slope == pytest.approx(0.5, abs=0.01)
    assert found.shift == pytest.approx(0.0, abs=0.02)


def test_it_is_platts_estimate() -> None:
    """Logistic regression on both outcomes of each answer, weighted by Platt's targets."""
    scores, right = overconfident(300, seed=1)
    hits, misses = right.sum(), (1 - right).sum()
    targets = np.where(right == 1, (hits + 1) / (hits + 2), 1 / (misses + 2))
    logits = np.log(scores / (1 - scores))[:, None]
    reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        np.concatenate([logits, logits]),
        np.repeat([1, 0], len(scores)),
        np.concatenate([targets, 1 - targets]),
    )
    found = calibrate(scores, right)
    assert found.slope == pytest.approx(reference.coef_[0, 0], abs=1e-4)
    assert found.shift == pytest.approx(reference.intercept_[0], abs=1e-4)


@pytest.mark.parametrize(
    ("scores", "right"),
    [
        (np.full(49, 0.9), np.tile([1, 0], 25)[:49]),  # too few
        (np.linspace(0.1, 0.9, 80), np.ones(80, dtype=np.int64)),
        (np.linspace(0.1, 0.9, 80), np.zeros(80, dtype=np.int64)),
        (np.linspace(0.9, 0.1, 80), (np.arange(80) > 40).astype(np.int64)),  # the wrong way round
        (np.array([]), np.array([], dtype=np.int64)),
    ],
)
def test_nothing_is_changed_where_nothing_can_be_learned(
    scores: np.ndarray, right: np.ndarray
) -> None:
    assert calibrate(scores, right) == Calibration()


def test_certain_scores_are_learned_from() -> None:
    right = np.tile([1, 1, 1, 0], 25)
    found = calibrate(np.ones(100), right)
    assert found(1.0) == pytest.approx(0.745, abs=0.01)  # 76 of 102, as Platt counts


@given(score=st.floats(0, 1))
def test_without_anything_learned_scores_stay(score: float) -> None:
    assert Calibration()(score) == pytest.approx(score, abs=2e-6)


@given(
    scores=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    slope=st.floats(0.01, 5),
    shift=st.floats(-5, 5),
)
def test_the_order_of_scores_stays(scores: tuple[float, float], slope: float, shift: float) -> None:
    low, high = sorted(scores)
    calibration = Calibration(slope=slope, shift=shift)
    assert 0 <= calibration(low) <= calibration(high) <= 1
