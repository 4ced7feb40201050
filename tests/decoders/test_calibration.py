"""Calibration: the maximum-likelihood fit, and the identity without evidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from arabic_mtl.decoders.calibration import Calibration, calibrate


def overconfident(size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Returns scores with logits twice too large, and whether each prediction is correct."""
    random = np.random.default_rng(seed)
    logits = random.normal(1, 1.5, size)
    is_correct = random.random(size) < 1 / (1 + np.exp(-logits))
    return 1 / (1 + np.exp(-2 * logits)), is_correct.astype(np.int64)


def test_true_calibration_is_recovered() -> None:
    calibration = calibrate(*overconfident(200_000))
    assert calibration.slope == pytest.approx(0.5, abs=0.01)
    assert calibration.shift == pytest.approx(0.0, abs=0.02)


def test_calibration_equals_platts_estimate() -> None:
    """Logistic regression on both outcomes of each decision, weighted by Platt's targets."""
    scores, is_correct = overconfident(300, seed=1)
    hits, misses = is_correct.sum(), (1 - is_correct).sum()
    targets = np.where(is_correct == 1, (hits + 1) / (hits + 2), 1 / (misses + 2))
    logits = np.log(scores / (1 - scores))[:, None]
    reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        np.concatenate([logits, logits]),
        np.repeat([1, 0], len(scores)),
        np.concatenate([targets, 1 - targets]),
    )
    calibration = calibrate(scores, is_correct)
    assert calibration.slope == pytest.approx(reference.coef_[0, 0], abs=1e-4)
    assert calibration.shift == pytest.approx(reference.intercept_[0], abs=1e-4)


@pytest.mark.parametrize(
    ("scores", "is_correct"),
    [
        (np.full(49, 0.9), np.tile([1, 0], 25)[:49]),  # too few scores
        (np.linspace(0.1, 0.9, 80), np.ones(80, dtype=np.int64)),
        (np.linspace(0.1, 0.9, 80), np.zeros(80, dtype=np.int64)),
        (np.linspace(0.9, 0.1, 80), (np.arange(80) > 40).astype(np.int64)),  # wrong order
        (np.array([]), np.array([], dtype=np.int64)),
    ],
)
def test_calibration_without_evidence_is_the_identity(
    scores: np.ndarray, is_correct: np.ndarray
) -> None:
    assert calibrate(scores, is_correct) == Calibration()


def test_scores_of_one_are_calibrated() -> None:
    is_correct = np.tile([1, 1, 1, 0], 25)
    calibration = calibrate(np.ones(100), is_correct)
    assert calibration(1.0) == pytest.approx(0.745, abs=0.01)  # 76 of 102, as Platt counts


@given(score=st.floats(0, 1))
def test_identity_keeps_scores(score: float) -> None:
    assert Calibration()(score) == pytest.approx(score, abs=2e-6)


@given(
    scores=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    slope=st.floats(0.01, 5),
    shift=st.floats(-5, 5),
)
def test_calibration_keeps_the_order_of_scores(
    scores: tuple[float, float], slope: float, shift: float
) -> None:
    low, high = sorted(scores)
    calibration = Calibration(slope=slope, shift=shift)
    assert 0 <= calibration(low) <= calibration(high) <= 1
