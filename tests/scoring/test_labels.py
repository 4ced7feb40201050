"""Scores of the labels of texts: examples, and comparison with scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score
from sklearn.preprocessing import MultiLabelBinarizer

from arabic_mtl.scoring import Overlap, TextLabelCounts

NAMES = "abcd"

Labels = Sequence[str]


def counted(*texts: tuple[Labels, Labels]) -> TextLabelCounts:
    counts = TextLabelCounts()
    for predicted, gold in texts:
        counts.add(predicted, gold)
    return counts


def test_single_labels() -> None:
    counts = counted(("a", "a"), ("b", "a"), ("b", "b"), ("", "c"))
    assert counts.scores() == pytest.approx({"accuracy": 2 / 4, "macro_f1": (2 / 3 + 2 / 3) / 3})
    assert counts.labels == {"a": Overlap(1, 1, 2), "b": Overlap(1, 2, 1), "c": Overlap(0, 0, 1)}


def test_several_labels() -> None:
    counts = counted(("ab", "a"), ("", ""), ("a", "bc"))
    assert counts.scores() == pytest.approx(
        {"precision": 1 / 3, "recall": 1 / 3, "micro_f1": 1 / 3, "macro_f1": 2 / 9}
    )
    assert counts.labels == {"a": Overlap(1, 2, 1), "b": Overlap(0, 1, 1), "c": Overlap(0, 0, 1)}


@pytest.mark.parametrize("text", [("ab", "a"), ("a", "ab"), ("a", ""), ("", "")])
def test_one_text_of_several_labels_decides(text: tuple[str, str]) -> None:
    assert counted(("a", "a"), ("b", "b")).is_single
    assert not counted(("a", "a"), text, ("b", "b")).is_single


def test_equal_labels_of_a_text_count_once() -> None:
    counts = counted((("a", "a"), ("a", "a")))
    assert (counts.total, counts.is_single) == (Overlap(1, 1, 1), True)


def test_no_texts_score_zero() -> None:
    assert counted().scores() == {"accuracy": 0.0, "macro_f1": 0.0}


@given(st.lists(st.tuples(st.sampled_from(["", *NAMES]), st.sampled_from(NAMES)), min_size=1))
def test_single_labels_equal_scikit_learns(texts: list[tuple[str, str]]) -> None:
    counts = counted(*texts)
    predicted, gold = ([side or "none" for side in sides] for sides in zip(*texts, strict=True))
    labels = sorted({*predicted, *gold} - {"none"})
    options = {"labels": labels, "zero_division": 0}
    assert counts.scores() == pytest.approx(
        {
            "accuracy": accuracy_score(gold, predicted),
            "macro_f1": f1_score(gold, predicted, average="macro", **options),
        }
    )
    f1 = [overlap.f1 for overlap in counts.labels.values()]
    assert f1 == pytest.approx(f1_score(gold, predicted, average=None, **options))
    assert [*counts.labels] == labels


sets = st.sets(st.sampled_from(NAMES))


@given(st.lists(st.tuples(sets, sets), min_size=1))
def test_several_labels_equal_scikit_learns(texts: list[tuple[set[str], set[str]]]) -> None:
    several = (["a", "b"], ["a", "b"])  # so that the labels are not single by chance
    all_texts = [*texts, several]
    counts = counted(*[(sorted(predicted), sorted(gold)) for predicted, gold in all_texts])
    binary = MultiLabelBinarizer(classes=list(NAMES))
    predicted, gold = (binary.fit_transform(side) for side in zip(*all_texts, strict=True))
    occurring = [n for n, name in enumerate(NAMES) if any(name in {*p, *g} for p, g in all_texts)]
    micro = {"average": "micro", "zero_division": 0}
    assert counts.scores() == pytest.approx(
        {
            "precision": precision_score(gold, predicted, **micro),
            "recall": recall_score(gold, predicted, **micro),
            "micro_f1": f1_score(gold, predicted, **micro),
            "macro_f1": f1_score(
                gold, predicted, average="macro", labels=occurring, zero_division=0
            ),
        }
    )
