"""Linear support vector machines, one per label."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

Sparse = Any
"""A SciPy matrix (items, features), row by row."""

_TOLERANCE = 0.01  # a smaller one changes no score and takes twice as long


class OneVsRest:
    """For each label a linear SVM that tells it from all others.

    A label that all items have, or none, is always or never found.

    Args:
        inputs: The items.
        labels: What is right of them (items, labels), 0 or 1.
        c: What an item on the wrong side costs.
    """

    def __init__(self, inputs: Sparse, labels: NDArray[Any], c: float) -> None:
        self.weights = np.zeros((inputs.shape[1], labels.shape[1]))
        self.bias = np.full(labels.shape[1], -1.0)
        for number, right in enumerate(labels.T):
            if right.any() and not right.all():
                svm = LinearSVC(C=c, tol=_TOLERANCE, random_state=0).fit(inputs, right)
                self.weights[:, number], self.bias[number] = svm.coef_[0], svm.intercept_[0]
            elif right.any():
                self.bias[number] = 1.0

    def margins(self, inputs: Sparse) -> NDArray[np.float64]:
        """How far each item lies on each label's side, (items, labels)."""
        return np.asarray(inputs @ self.weights + self.bias)
