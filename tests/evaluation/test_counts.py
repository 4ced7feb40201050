"""Confusion matrices, by hand and against scikit-learn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from arabic_mtl.evaluation.decisions import confusion, decisions
from support.predicted import POLARITIES, SEQUENCE, TOKEN, predicted_example, single_label, span


def one_hot(number: int) -> list[float]:
    return [0.9 if n == number else 0.05 for n in range(3)]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_single_labels_match_sklearn(pairs: list[tuple[int, int]]) -> None:
    examples = [single_label(POLARITIES[gold], one_hot(predicted)) for gold, predicted in pairs]
    matrix = confusion(decisions(SEQUENCE, "t", examples), POLARITIES)
    gold, predicted = zip(*pairs, strict=True)
    expected = confusion_matrix(gold, predicted, labels=[0, 1, 2])
    assert matrix[:-1, :-1].tolist() == expected.tolist()
    assert matrix.sum() == len(pairs)  # nothing is missed or spurious


def test_missed_and_spurious_spans_are_last() -> None:
    gold = [span(0, 6, "ROOMS"), span(8, 14, "SERVICE"), span(20, 25, "ROOMS")]
    predicted = [
        span(0, 6, "ROOMS", 0.9),
        span(7, 14, "SERVICE", 0.8),
        span(20, 25, "SERVICE", 0.7),
    ]
    matrix = confusion(decisions(TOKEN, "t", [predicted_example(gold, predicted)]), TOKEN.labels)
    assert matrix.tolist() == [
        [1, 1, 0],  # ROOMS: one correct, one predicted as SERVICE
        [0, 0, 1],  # SERVICE: missed
        [0, 1, 0],  # a spurious SERVICE
    ]
