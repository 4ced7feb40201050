"""Linear SVMs over TF-IDF, tuned by cross-validation over groups of texts."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from torch import Tensor

from arabic_mtl.baselines.linear.features import Views, tfidf
from arabic_mtl.baselines.linear.svm import OneVsRest, Sparse
from arabic_mtl.errors import InputError

# On the hotel reviews C = 1 is no better than these, and takes twice as long.
_COSTS = (0.03, 0.1, 0.3)
_FOLDS = 3
_FACTORS = [1.05**n for n in range(-60, 101)]  # from 0.05 to 130


class TunedSVM:
    """Linear SVMs over TF-IDF vectors, whose C is chosen by cross-validation.

    Args:
        views: The views of each item.
        labels: The gold labels (items, labels), 0 or 1.
        groups: The group of each item. The items of a group are in the same fold.
        score: Returns the score of margins (items, labels); higher is better.

    Raises:
        InputError: If the items are from fewer than two groups.
    """

    def __init__(
        self,
        views: Sequence[Views],
        labels: Tensor,
        groups: Sequence[str],
        score: Callable[[Tensor], float],
    ) -> None:
        _require_groups(len(set(groups)))
        # TF-IDF is fitted on all training texts, including held-out ones. Fitting it in each fold
        # takes a third more time; on the hotel reviews it leads to the same C and no better cut.
        self._vectorizer = tfidf(len(views[0]))
        inputs, gold = self._vectorizer.fit_transform(views), labels.numpy()
        folds = GroupKFold(min(_FOLDS, len(set(groups)))).split(inputs, groups=groups)
        margins = _held_out_margins(inputs, gold, list(folds))
        self.cost = max(margins, key=lambda cost: score(margins[cost]))
        self.held_out = margins[self.cost]
        """The margins (items, labels) by SVMs that were trained on other groups."""
        self._svms = OneVsRest(inputs, gold, self.cost)

    def margins(self, views: Sequence[Views]) -> Tensor:
        """Returns the signed margins of new items (items, labels)."""
        if not views:  # scikit-learn refuses an empty list
            return self.held_out[:0]
        return torch.from_numpy(self._svms.margins(self._vectorizer.transform(views)))


def calibration(margins: Tensor, loss: Callable[[Tensor], Tensor]) -> float:
    """Returns the factor that turns margins into calibrated logits.

    This is temperature scaling (Guo et al., 2017).

    Args:
        margins: Margins of held-out items (items, labels).
        loss: Returns the loss of scaled margins.
    """
    return min(_FACTORS, key=lambda factor: float(loss(factor * margins)))


def _held_out_margins(inputs: Sparse, labels: NDArray[Any], folds: Any) -> dict[float, Tensor]:
    """Returns, for each C, the margins of all items by SVMs trained on other groups."""
    results = {cost: torch.zeros(labels.shape, dtype=torch.float64) for cost in _COSTS}
    for train, held_out in folds:
        for cost, margins in results.items():
            svms = OneVsRest(inputs[train], labels[train], cost)
            margins[held_out] = torch.from_numpy(svms.margins(inputs[held_out]))
    return results


def _require_groups(groups: int) -> None:
    if groups < 2:
        raise InputError(
            "the linear baseline must have labelled training texts of two groups or more, to "
            "tune itself on held-out groups",
            found=f"labelled training texts of {groups} group{'s' * (groups != 1)}",
            expected="two or more groups, such as reviews",
        )
