"""Confusions and scores of labels, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_answers import MULTI, POLARITIES, SEQUENCE, TOKEN, answer, chosen, several, span
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from arabic_mtl.dashboard.counts import LabelScore, confusion, label_scores
from arabic_mtl.dashboard.decisions import decisions


def one_hot(number: int) -> list[float]:
    return [0.9 if n == number else 0.05 for n in range(3)]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_one_label_per_text_as_scikit_learn_counts(pairs: list[tuple[int, int]]) -> None:
    answers = [chosen(POLARITIES[gold], one_hot(found)) for gold, found in pairs]
    matrix = confusion(decisions(SEQUENCE, "t", answers), POLARITIES)
    gold, found = zip(*pairs, strict=True)
    expected = confusion_matrix(gold, found, labels=[0, 1, 2])
    assert matrix[:-1, :-1].tolist() == expected.tolist()
    assert matrix.sum() == len(pairs)  # nothing is missed or spurious
    scores = precision_recall_fscore_support(gold, found, labels=[0, 1, 2], zero_division=0)
    assert np.array(label_scores(matrix)) == pytest.approx(np.array(scores).T)


def test_missed_and_spurious_spans_stand_at_the_end() -> None:
    gold = [span(0, 6, "ROOMS"), span(8, 14, "SERVICE"), span(20, 25, "ROOMS")]
    found = [span(0, 6, "ROOMS", 0.9), span(7, 14, "SERVICE", 0.8), span(20, 25, "SERVICE", 0.7)]
    matrix = confusion(decisions(TOKEN, "t", [answer(gold, found)]), TOKEN.labels)
    assert matrix.tolist() == [
        [1, 1, 0],  # ROOMS: one right, one taken for SERVICE
        [0, 0, 1],  # SERVICE: missed
        [0, 1, 0],  # found as SERVICE, not gold
    ]
    assert label_scores(matrix) == [
        LabelScore(precision=1.0, recall=0.5, f1=2 / 3, support=2),
        LabelScore(precision=0.0, recall=0.0, f1=0.0, support=1),
    ]


def test_several_labels() -> None:
    answers = [several(["A#X", "B#Y"], [0.9, 0.2, 0.6]), several(["A#X"], [0.2, 0.2, 0.2])]
    scores = label_scores(confusion(decisions(MULTI, "t", answers), MULTI.labels))
    assert scores == [
        LabelScore(precision=1.0, recall=0.5, f1=2 / 3, support=2),
        LabelScore(precision=0.0, recall=0.0, f1=0.0, support=1),
        LabelScore(precision=0.0, recall=0.0, f1=0.0, support=0),
    ]
