"""The cut of the best micro-F1, and logits that reach the threshold above the cut."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.baselines.linear.multilabel import at_threshold, best_cut

TABLES = st.lists(
    st.tuples(st.integers(-50, 50), st.booleans()),
    min_size=1,
    max_size=12,
    unique_by=lambda x: x[0],
)


@given(TABLES)
def test_no_other_cut_is_better(table: list[tuple[int, bool]]) -> None:
    margins = torch.tensor([[float(margin)] for margin, _ in table])
    labels = torch.tensor([[int(label)] for _, label in table])

    def f1(cut: float) -> float:
        labels = [label for margin, label in table if margin > cut]
        return 2 * sum(labels) / max(len(labels) + sum(label for _, label in table), 1)

    cut, best = best_cut(margins, labels)
    assert best == pytest.approx(f1(cut))
    assert best == pytest.approx(max(f1(margin - 0.5) for margin, _ in [*table, (51, False)]))


def test_without_gold_labels_no_margin_reaches_the_cut() -> None:
    cut, best = best_cut(torch.tensor([[1.0, 2.0]]), torch.zeros(1, 2, dtype=torch.long))
    assert (cut, best) == (2.5, 0.0)


@given(st.floats(0.01, 0.99), st.lists(st.floats(-20, 20), min_size=2))
def test_probabilities_reach_the_threshold_above_the_cut(
    threshold: float, found: list[float]
) -> None:
    above = torch.tensor([margin for margin in found if abs(margin) > 1e-3] + [-1.0, 1.0]).sort()[0]
    logits = at_threshold(above.double(), threshold).float()
    assert ((logits.sigmoid() >= threshold) == (above > 0)).all()
    assert (logits.diff() >= 0).all()


@pytest.mark.parametrize(("threshold", "is_predicted"), [(0.0, True), (1.0, False)])
def test_extreme_thresholds_ignore_margins(threshold: float, *, is_predicted: bool) -> None:
    probabilities = at_threshold(torch.tensor([-2.0, 2.0]), threshold).sigmoid()
    assert ((probabilities >= threshold) == is_predicted).all()
