"""Slot 3: examples, and comparison with a reference implementation and scikit-learn."""

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
    return Counter(verdict for predicted, gold in texts for verdict in judge(predicted, gold))


def good(start: int = 0, end: int = 0) -> Opinion:
    return opinion("A#X", start, end, "positive")


def bad(start: int = 0, end: int = 0) -> Opinion:
    return opinion("A#X", start, end, "negative")


@pytest.mark.parametrize(
    ("predicted", "gold", "polarities"),
    [
        ([good(0, 3)], [good(0, 3)], ["positive"]),
        ([bad(0, 3)], [good(0, 3)], ["negative"]),
        ([], [good(0, 3)], [None]),
        ([good()], [good(0, 3)], [None]),  # another target
        ([good(0, 3)], [good()], [None]),
        ([opinion("A#Y", 0, 3)], [good(0, 3)], [None]),  # another category
        ([bad(0, 3), good(0, 3)], [good(0, 3)], ["negative"]),  # the first prediction counts
        ([good(0, 3), bad(0, 3)], [good(0, 3), good(0, 3)], ["positive", "negative"]),
        (
            [bad(0, 3)],
            [good(0, 3), good(0, 3)],
            ["negative", "negative"],
        ),  # one prediction for both
        ([bad(0, 3), good(0, 3)], [good(0, 3)] * 3, ["negative", "positive", "positive"]),
        ([good(5, 6), good(0, 3)], [bad(0, 3), bad(5, 6)], ["positive", "positive"]),
    ],
)
def test_judge_matches_predictions_with_gold_opinions(
    predicted: list[Opinion], gold: list[Opinion], polarities: list[str | None]
) -> None:
    judged = judge(predicted, gold)
    assert [verdict.predicted for verdict in judged] == polarities
    assert [verdict.gold for verdict in judged] == [opinion.polarity for opinion in gold]


def test_predicting_every_polarity_does_not_raise_the_accuracy() -> None:
    all_polarities = [opinion("A#X", 0, 3, label) for label in ("neutral", "negative", "positive")]
    assert accuracies(verdicts([(all_polarities, [good(0, 3)])]))["accuracy"] == Overlap(0, 1, 1)


# One polarity, 2 of 2 correct; mixed, 1 of 3 correct and one without prediction; NULL, wrong.
TEXTS: Texts = [
    ([good(0, 3), good(4, 6)], [good(0, 3), good(4, 6)]),
    ([good(0, 3), good(4, 6)], [good(0, 3), bad(4, 6), opinion("A#X", 0, 0, "neutral")]),
    ([good()], [bad()]),
]


def test_accuracies() -> None:
    assert accuracies(verdicts(TEXTS)) == {
        "accuracy": Overlap(correct=3, predicted=5, gold=6),
        "named_accuracy": Overlap(correct=3, predicted=4, gold=4),
        "mixed_accuracy": Overlap(correct=1, predicted=2, gold=3),
    }


def test_scores() -> None:
    # positive: 3 of 3 gold among 5 predicted; negative: 0 of 2; neutral: 0 of 1.
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


def test_a_subset_without_opinions_has_no_accuracy() -> None:
    assert list(accuracies(verdicts([([good()], [good()])]))) == ["accuracy"]
    assert accuracies(Counter()) == {}


def test_macro_f1_ignores_polarities_that_do_not_occur() -> None:
    scores = polarity_scores(verdicts([([good(0, 3)], [good(0, 3)])]))
    assert (scores["macro_f1"], scores["positive_f1"]) == (1.0, 1.0)
    assert "neutral_f1" not in scores


@given(texts=texts)
def test_counts_equal_those_by_hand(texts: Texts) -> None:
    pairs: Counter[tuple[str, str | None]] = Counter()
    for verdict, count in verdicts(texts).items():
        pairs[verdict.gold, verdict.predicted] += count
    assert pairs == confusion_by_hand(texts)


@given(texts=texts)
def test_null_and_mixed_opinions_equal_those_by_hand(texts: Texts) -> None:
    marks = [
        (opinion.start == opinion.end, {other.polarity for other in gold} != {opinion.polarity})
        for _, gold in texts
        for opinion in gold
    ]
    judged = verdicts(texts).elements()
    assert Counter((v.is_null, v.is_mixed) for v in judged) == Counter(marks)


@given(texts=texts)
def test_f1_equals_scikit_learns(texts: Texts) -> None:
    pairs = [*confusion_by_hand(texts).elements()]
    if not pairs:
        return
    gold, predicted = ([side or "none" for side in sides] for sides in zip(*pairs, strict=True))
    labels = sorted({*gold, *predicted} - {"none"})
    options = {"labels": labels, "zero_division": 0}
    judged = verdicts(texts)
    f1 = [counts.f1 for counts in polarity_overlaps(judged).values()]
    assert f1 == pytest.approx(f1_score(gold, predicted, average=None, **options))
    macro = f1_score(gold, predicted, average="macro", **options)
    assert polarity_scores(judged)["macro_f1"] == pytest.approx(macro)


@given(texts=texts)
def test_gold_opinions_score_one_against_themselves(texts: Texts) -> None:
    judged = verdicts([(gold, gold) for _, gold in texts])
    assert all(counts.recall == 1.0 for counts in accuracies(judged).values())
    assert {verdict.predicted == verdict.gold for verdict in judged} <= {True}
    assert sum(judged.values()) == sum(len(gold) for _, gold in texts)
