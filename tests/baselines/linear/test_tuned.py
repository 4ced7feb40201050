"""Cross-validation over reviews, and calibration of margins."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot

from arabic_mtl.baselines.linear.tuned import TunedSVM, calibration
from arabic_mtl.errors import InputError

WORDS = ["جيد", "سيئ", "جيد جدا", "سيئ جدا", "جيد هنا", "سيئ هنا"]
VIEWS = [(word, "") for word in WORDS]
LABELS = torch.tensor([0, 1] * 3)
GROUPS = ["a", "a", "b", "b", "c", "c"]


def zero(margins: Tensor) -> float:
    return 0.0


def fitted(labels: Tensor, groups: list[str] = GROUPS) -> TunedSVM:
    return TunedSVM(VIEWS, one_hot(labels, 2), groups, zero)


def test_items_are_classified_by_their_words() -> None:
    svm = fitted(LABELS)
    assert svm.margins([("جيد", ""), ("سيئ", "")]).argmax(dim=1).tolist() == [0, 1]
    assert svm.held_out.argmax(dim=1).tolist() == LABELS.tolist()
    assert svm.margins([]).shape == (0, 2)


def test_held_out_margins_do_not_depend_on_the_items_own_group() -> None:
    before = fitted(LABELS).held_out
    after = fitted(torch.tensor([1, 0, 0, 1, 0, 1])).held_out
    assert after[:2].equal(before[:2])
    assert (after[2:] != before[2:]).all()


def test_the_cost_with_the_best_score_is_used() -> None:
    widest = TunedSVM(VIEWS, one_hot(LABELS, 2), GROUPS, lambda m: float(m.abs().mean()))
    narrowest = TunedSVM(VIEWS, one_hot(LABELS, 2), GROUPS, lambda m: -float(m.abs().mean()))
    assert (narrowest.cost, widest.cost) == (0.03, 0.3)
    assert widest.held_out.abs().mean() > narrowest.held_out.abs().mean()


@pytest.mark.parametrize(("items", "groups"), [(0, "0 groups"), (2, "1 group")])
def test_a_single_group_is_refused(items: int, groups: str) -> None:
    labels = one_hot(LABELS[:items], 2)
    with pytest.raises(InputError) as error:
        TunedSVM(VIEWS[:items], labels, GROUPS[:items], zero)
    assert str(error.value.found).endswith(f" {groups}")


def test_calibration_finds_the_factor() -> None:
    """Nine of ten items with margin 1 are correct: the logit of 0.9 is ln 9 = 2.197."""
    margins, labels = torch.ones(10), torch.tensor([1.0] * 9 + [0.0])
    factor = calibration(margins, lambda logits: binary_cross_entropy_with_logits(logits, labels))
    assert factor == pytest.approx(2.197, rel=0.025)
