"""Slot 3: which answer counts, by hand, and beside another way to count and scikit-learn."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from sklearn.metrics import f1_score

from arabic_mtl.documents import Opinion
from arabic_mtl.scoring import Overlap, Verdict, accuracies, judge, polarity_overlaps
from arabic_mtl.scoring.polarity import polarity_scores
from support.opinions import Texts, confusion_by_hand, opinion, texts


def verdicts(texts: Texts) -> Counter[Verdict]:
    return Counter(verdict for found, gold in texts for verdict in judge(found, gold))


def good(start: int = 0, end: int = 0) -> Opinion:
    return opinion("A#X", start, end, "positive")


def bad(start: int = 0, end: int = 0) -> Opinion:
    return opinion("A#X", start, end, "negative")


@pytest.mark.parametrize(
    ("found", "gold", "answers"),
    [
        ([good(0, 3)], [good(0, 3)], ["positive"]),
        ([bad(0, 3)], [good(0, 3)], ["negative"]),
        ([], [good(0, 3)], [None]),
        ([good()], [good(0, 3)], [None]),  # another target
        ([good(0, 3)], [good()], [None]),
        ([opinion("A#Y", 0, 3)], [good(0, 3)], [None]),  # another category
        ([bad(0, 3), good(0, 3)], [good(0, 3)], ["negative"]),  # the first answer counts
        ([good(0, 3), bad(0, 3)], [good(0, 3), good(0, 3)], ["positive", "negative"]),
        ([bad(0, 3)], [good(0, 3), good(0, 3)], ["negative", "negative"]),  # one answer for both
        ([bad(0, 3), good(0, 3)], [good(0, 3)] * 3, ["negative", "positive", "positive"]),
        ([good(5, 6), good(0, 3)], [bad(0, 3), bad(5, 6)], ["positive", "positive"]),
    ],
)
def test_which_answer_counts(
    found: list[Opinion], gold: list[Opinion], answers: list[str | None]
) -> None:
    judged = judge(found, gold)
    assert [verdict.found for verdict in judged] == answers
    assert [verdict.gold for verdict in judged] == [of.polarity for of in gold]


def test_saying_everything_gains_nothing() -> None:
    everything = [opinion("A#X", 0, 3, label) for label in ("neutral", "negative", "positive")]
    assert accuracies(verdicts([(everything, [good(0, 3)])]))["accuracy"] == Overlap(0, 1, 1)


# Texts: all of one mind, 2 of 2 right; mixed, 1 of 3 right and one not answered; NULL alone, wrong.
TEXTS: Texts = [
    ([good(0, 3), good(4, 6)], [good(0, 3), good(4, 6)]),
    ([good(0, 3), good(4, 6)], [good(0, 3), bad(4, 6), opinion("A#X", 0, 0, "neutral")]),
    ([good()], [bad()]),
]


def test_accuracies() -> None:
    assert accuracies(verdicts(TEXTS)) == {
        "accuracy": Overlap(correct=3, found=5, gold=6),
        "named_accuracy": Overlap(correct=3, found=4, gold=4),
        "mixed_accuracy": Overlap(correct=1, found=2, gold=3),
    }


def test_scores() -> None:
    # positive: all 3 found among 5; negative: none of 2; neutral: none of 1.
    scores = polarity_scores(verdicts(TEXTS))
    assert scores == {
        "accuracy": 3 / 6,
        "named_accuracy": 3 / 4,
        "mixed_accuracy": 1 / 3,
        "macro_f1": pytest.approx((6 / 8 + 0 + 0) / 3),
        "negative_f1": 0.0,
        "neutral_f1": 0.0,
        "positive_f1": 6 / 8,
    }


def test_a_part_without_opinions_has_no_accuracy() -> None:
    assert list(accuracies(verdicts([([good()], [good()])]))) == ["accuracy"]
    assert accuracies(Counter()) == {}


def test_a_polarity_that_does_not_occur_is_not_in_the_mean() -> None:
    scores = polarity_scores(verdicts([([good(0, 3)], [good(0, 3)])]))
    assert (scores["macro_f1"], scores["positive_f1"]) == (1.0, 1.0)
    assert "neutral_f1" not in scores


@given(texts=texts)
def test_counts_equal_those_of_lists(texts: Texts) -> None:
    pairs: Counter[tuple[str, str | None]] = Counter()
    for verdict, times in verdicts(texts).items():
        pairs[verdict.gold, verdict.found] += times
    assert pairs == confusion_by_hand(texts)


@given(texts=texts)
def test_null_and_mixed_opinions_are_those_of_lists(texts: Texts) -> None:
    marks = [
        (right.start == right.end, {other.polarity for other in gold} != {right.polarity})
        for _, gold in texts
        for right in gold
    ]
    counted = verdicts(texts).elements()
    assert Counter((v.is_null, v.is_mixed) for v in counted) == Counter(marks)


@given(texts=texts)
def test_f1_equals_scikit_learns(texts: Texts) -> None:
    pairs = [*confusion_by_hand(texts).elements()]
    if not pairs:
        return
    gold, found = ([side or "none" for side in sides] for sides in zip(*pairs, strict=True))
    labels = sorted({*gold, *found} - {"none"})
    options = {"labels": labels, "zero_division": 0}
    counted = verdicts(texts)
    f1 = [of.f1 for of in polarity_overlaps(counted).values()]
    assert f1 == pytest.approx(f1_score(gold, found, average=None, **options))
    macro = f1_score(gold, found, average="macro", **options)
    assert polarity_scores(counted)["macro_f1"] == pytest.approx(macro)


@given(texts=texts)
def test_gold_answers_itself(texts: Texts) -> None:
    counted = verdicts([(gold, gold) for _, gold in texts])
    assert all(of.recall == 1.0 for of in accuracies(counted).values())
    assert {verdict.found == verdict.gold for verdict in counted} <= {True}
    assert sum(counted.values()) == sum(len(gold) for _, gold in texts)
