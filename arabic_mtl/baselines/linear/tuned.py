"""Support vector machines over texts, tuned on reviews that they were not learned from."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from torch import Tensor

from arabic_mtl.baselines.linear.features import Views, tfidf
from arabic_mtl.baselines.linear.svm import OneVsRest, Sparse
from arabic_mtl.errors import InputError

# From a strong prior to a weak one; on the hotel reviews 1 is no better, and takes twice as long.
_COSTS = (0.03, 0.1, 0.3)
_FOLDS = 3
_FACTORS = [1.05**n for n in range(-60, 101)]  # from 0.05 to 130


class TunedSVM:
    """Linear SVMs over the TF-IDF of texts, whose C is chosen by cross-validation.

    Args:
        views: The items.
        labels: What is right of them (items, labels), 0 or 1.
        groups: The review that each is from; the folds go by it.
        score: How good margins (items, labels) are.

    Raises:
        InputError: If all items are of one group, or there are none.
    """

    def __init__(
        self,
        views: Sequence[Views],
        labels: Tensor,
        groups: Sequence[str],
        score: Callable[[Tensor], float],
    ) -> None:
        _require_groups(len(set(groups)))
        # TF-IDF is of all training texts, the held-out ones too: weights of its own for each fold
        # take a third more time, and on the hotel reviews choose the same C and no better cut.
        self._vectors = tfidf(len(views[0]))
        inputs, right = self._vectors.fit_transform(views), labels.numpy()
        folds = GroupKFold(min(_FOLDS, len(set(groups)))).split(inputs, groups=groups)
        tried = _held_out(inputs, right, list(folds))
        self.cost = max(tried, key=lambda cost: score(tried[cost]))
        self.held_out = tried[self.cost]
        """The margins (items, labels) that SVMs of other groups give to the items."""
        self._svms = OneVsRest(inputs, right, self.cost)

    def margins(self, views: Sequence[Views]) -> Tensor:
        """How far other items lie on each label's side, (items, labels)."""
        if not views:  # of which scikit-learn wants one at least
            return self.held_out[:0]
        return torch.from_numpy(self._svms.margins(self._vectors.transform(views)))


def calibration(margins: Tensor, loss: Callable[[Tensor], Tensor]) -> float:
    """The factor that makes logits of margins, whose probabilities mean what they say.

    Temperature scaling (Guo et al., 2017).

    Args:
        margins: Held out.
        loss: Of the margins times a factor.
    """
    return min(_FACTORS, key=lambda factor: float(loss(factor * margins)))


def _held_out(inputs: Sparse, labels: NDArray[Any], folds: Any) -> dict[float, Tensor]:
    """For each C the margins of all items, each by SVMs that have not seen its group."""
    tried = {cost: torch.zeros(labels.shape, dtype=torch.float64) for cost in _COSTS}
    for seen, unseen in folds:
        for cost, margins in tried.items():
            svms = OneVsRest(inputs[seen], labels[seen], cost)
            margins[unseen] = torch.from_numpy(svms.margins(inputs[unseen]))
    return tried


def _require_groups(groups: int) -> None:
    if groups < 2:
        raise InputError(
            "the linear baseline learns from some reviews and is tuned on others",
            found=f"labelled training texts of {groups} review{'s' * (groups != 1)}",
            expected="two or more",
        )
