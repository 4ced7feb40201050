"""Linear support vector machines, one per label."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

Sparse = Any
"""A SciPy sparse matrix in CSR format (items, features)."""

_TOLERANCE = 0.01  # a smaller tolerance changes no score and takes twice as long


class OneVsRest:
    """A linear SVM for each label, against all other labels.

    A label that all items have is always predicted, a label that no item has never.

    Args:
        inputs: The vectors of the items (items, features).
        labels: The gold labels (items, labels), 0 or 1.
        c: The cost C of an item on the wrong side of a margin.
    """

    def __init__(self, inputs: Sparse, labels: NDArray[Any], c: float) -> None:
        self.weights = np.zeros((inputs.shape[1], labels.shape[1]))
        self.bias = np.full(labels.shape[1], -1.0)
        for index, gold in enumerate(labels.T):
            if gold.any() and not gold.all():
                svm = LinearSVC(C=c, tol=_TOLERANCE, random_state=0).fit(inputs, gold)
                self.weights[:, index], self.bias[index] = svm.coef_[0], svm.intercept_[0]
            elif gold.any():
                self.bias[index] = 1.0

    def margins(self, inputs: Sparse) -> NDArray[np.float64]:
        """Returns the signed margin of each label for each item (items, labels)."""
        return np.asarray(inputs @ self.weights + self.bias)
