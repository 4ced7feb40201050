"""One SVM per label, against scikit-learn's classifier."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from arabic_mtl.baselines.linear.svm import OneVsRest

RANDOM = np.random.default_rng(0)
INPUTS = csr_matrix(RANDOM.normal(size=(40, 6)))
LABELS = (RANDOM.normal(size=(40, 3)) > 0).astype(int)


def test_margins_are_those_of_scikit_learn() -> None:
    reference = OneVsRestClassifier(LinearSVC(C=0.3, tol=0.01, random_state=0)).fit(INPUTS, LABELS)
    found = OneVsRest(INPUTS, LABELS, 0.3).margins(INPUTS)
    assert found == pytest.approx(reference.decision_function(INPUTS))


def test_signs_of_margins_separate_separable_labels() -> None:
    inputs = csr_matrix(np.eye(4))
    labels = np.array([[1, 0], [1, 1], [0, 0], [0, 1]])
    found = OneVsRest(inputs, labels, 10.0).margins(inputs)
    assert ((found > 0) == labels).all()


def test_labels_of_all_or_no_items_have_constant_margins() -> None:
    labels = np.column_stack([np.ones(40, int), np.zeros(40, int), LABELS[:, 0]])
    found = OneVsRest(INPUTS, labels, 1.0).margins(csr_matrix(np.ones((2, 6))))
    assert found[:, :2].tolist() == [[1.0, -1.0]] * 2


def test_training_without_items() -> None:
    svms = OneVsRest(INPUTS[:0], LABELS[:0], 1.0)
    assert svms.margins(INPUTS[:1]).tolist() == [[-1.0] * 3]
