"""Significant and insignificant differences between systems."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.evaluation.significance import difference, holm, interval
from arabic_mtl.tasks.metrics import Accuracy, MacroF1, MicroF1

accuracy, micro_f1, macro_f1 = (k(("A",), "texts").value for k in (Accuracy, MicroF1, MacroF1))


def counts(*seeds: list[int]) -> np.ndarray:
    """Returns counts of systems with one label and one item per text, correct (1) or wrong (0)."""
    tables = [[[[value, 1, 1]] for value in texts] for texts in seeds]
    return np.array(tables, dtype=float)


def test_a_system_does_not_differ_from_itself() -> None:
    one = counts([1, 0, 1, 1])
    assert difference(one, one, accuracy) == (0.0, 0.0, 0.0, 1.0)


def test_a_large_difference_is_significant() -> None:
    found = difference(counts([1] * 60), counts([1, 0, 0] * 20), accuracy)
    assert found.value == pytest.approx(2 / 3)
    assert 0.5 < found.low < found.value < found.high < 0.8
    assert found.p == pytest.approx(1 / 2001)


def test_a_small_difference_is_not_significant() -> None:
    one, other = counts([1, 1, 1, 0, 0, 1] * 5), counts([1, 1, 0, 1, 0, 0] * 5)
    found = difference(one, other, accuracy)
    assert found.value == pytest.approx(1 / 6)
    assert found.low < 0 < found.high
    # 15 texts differ, 10 of them for the better: two-sided sign test.
    assert found.p == pytest.approx(2 * (3003 + 1365 + 455 + 105 + 15 + 1) / 2**15, abs=0.03)


def test_the_interval_is_that_of_the_bootstrap() -> None:
    random = np.random.default_rng(7)
    one, other = (random.integers(0, 2, 80) for _ in range(2))
    found = difference(counts(one.tolist()), counts(other.tolist()), accuracy)
    spread = 1.96 * (one - other).std() / np.sqrt(80)
    assert (found.low, found.high) == pytest.approx(
        (found.value - spread, found.value + spread), abs=0.03
    )


def test_seeds_are_averaged_and_swapped_together() -> None:
    one, other = counts([1] * 40, [1] * 40), counts([1, 0] * 20)
    found = difference(one, other, accuracy)
    assert found.value == pytest.approx(0.5)
    assert found.p == pytest.approx(1 / 2001)
    assert difference(one, counts([1] * 40), accuracy).p == 1.0


@pytest.mark.parametrize("metric", [accuracy, micro_f1, macro_f1])
def test_difference_is_antisymmetric(metric: object) -> None:
    random = np.random.default_rng(1)
    one, other = (random.integers(0, 2, (2, 30, 3, 3)).astype(float) for _ in range(2))
    forth = difference(one, other, metric)  # type: ignore[arg-type]
    back = difference(other, one, metric)  # type: ignore[arg-type]
    assert back.value == pytest.approx(-forth.value)
    assert (back.low, back.high) == pytest.approx((-forth.high, -forth.low))
    assert back.p == pytest.approx(forth.p)


def test_holm_by_hand() -> None:
    assert holm([]) == []
    assert holm([0.01]) == [0.01]
    assert holm([0.04, 0.01, 0.03, 0.6]) == pytest.approx([0.09, 0.04, 0.09, 0.6])
    assert holm([0.5, 0.6]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_keeps_order_and_lowers_nothing(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(p <= a <= 1 for p, a in zip(p_values, adjusted, strict=True))
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    assert [adjusted[i] for i in order] == sorted(adjusted)


def test_the_interval_of_a_score_is_that_of_the_bootstrap() -> None:
    correct = np.random.default_rng(3).integers(0, 2, 120)
    low, high = interval(counts(correct.tolist())[0], accuracy)
    spread = 1.96 * correct.std() / np.sqrt(120)
    assert (low, high) == pytest.approx(
        (correct.mean() - spread, correct.mean() + spread), abs=0.02
    )
    assert interval(counts([1] * 9)[0], accuracy) == (1.0, 1.0)
