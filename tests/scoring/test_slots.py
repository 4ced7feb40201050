"""Slots 1, 2 and 1+2: examples, and comparison with a reference implementation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from arabic_mtl.documents import Opinion
from arabic_mtl.scoring import SLOTS, Overlap, Slot, overlap, slot_overlap
from support.opinions import Texts, f1_by_hand, opinion, texts

KEYS: dict[Slot, Callable[[Opinion], Any]] = {
    "slot1": lambda opinion: opinion.category,
    "slot2": lambda opinion: None if opinion.is_null else (opinion.start, opinion.end),
    "slot12": lambda opinion: (opinion.category, opinion.start, opinion.end),
}

# Two targets, one of them with two categories; one category twice; one opinion on NULL.
GOLD = [
    opinion("ROOMS#GENERAL", 0, 6),
    opinion("ROOMS#COMFORT", 0, 6),
    opinion("SERVICE#GENERAL", 10, 15),
    opinion("HOTEL#GENERAL"),
]


def totals(texts: Texts, slot: Slot) -> Overlap:
    return sum((slot_overlap(slot, predicted, gold) for predicted, gold in texts), Overlap())


@pytest.mark.parametrize(
    ("predicted", "slot1", "slot2", "slot12"),
    [
        (GOLD, (4, 4, 4), (2, 2, 2), (4, 4, 4)),
        ([], (0, 0, 4), (0, 0, 2), (0, 0, 4)),
        (GOLD[:1] * 3, (1, 1, 4), (1, 1, 2), (1, 1, 4)),  # sets
        (GOLD[:3], (3, 3, 4), (2, 2, 2), (3, 3, 4)),  # NULL is not predicted
        ([opinion("HOTEL#GENERAL", 0, 6)], (1, 1, 4), (1, 1, 2), (0, 1, 4)),  # a target instead
        ([opinion("ROOMS#GENERAL")], (1, 1, 4), (0, 0, 2), (0, 1, 4)),  # NULL instead
        ([opinion("ROOMS#GENERAL", 0, 5)], (1, 1, 4), (0, 1, 2), (0, 1, 4)),  # another end
        ([opinion("ROOMS#GENERAL", 1, 6)], (1, 1, 4), (0, 1, 2), (0, 1, 4)),  # another start
        ([opinion("HOTEL#PRICES")], (0, 1, 4), (0, 0, 2), (0, 1, 4)),  # another category
        ([opinion("ROOMS#GENERAL", 0, 6, "negative")], (1, 1, 4), (1, 1, 2), (1, 1, 4)),
    ],
)
def test_counts_of_a_text(
    predicted: list[Opinion],
    slot1: tuple[int, int, int],
    slot2: tuple[int, int, int],
    slot12: tuple[int, int, int],
) -> None:
    overlaps = {slot: slot_overlap(slot, predicted, GOLD) for slot in SLOTS}
    expected = {"slot1": slot1, "slot2": slot2, "slot12": slot12}
    assert overlaps == {slot: Overlap(*counts) for slot, counts in expected.items()}


def test_a_category_of_another_text_is_not_correct() -> None:
    texts: Texts = [([opinion("A#X")], []), ([], [opinion("A#X")])]
    assert totals(texts, "slot1") == Overlap(0, 1, 1)


def test_scores_of_a_corpus_are_micro_averaged() -> None:
    # 1 of 3 predicted and 1 of 2 gold; the mean of the texts' F1, (2/3 + 0) / 2, differs.
    texts: Texts = [
        ([opinion("A#X"), opinion("A#Y")], [opinion("A#X")]),
        ([opinion("A#Y")], [opinion("A#X")]),
    ]
    scores = totals(texts, "slot1").scores()
    assert scores == {"precision": 1 / 3, "recall": 1 / 2, "f1": 2 / 5}


def test_no_predicted_and_no_gold_items_score_zero() -> None:
    assert Overlap().scores() == {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_overlap_counts_sets() -> None:
    assert overlap({1, 2, 3}, {2, 3, 4, 5}) == Overlap(correct=2, predicted=3, gold=4)


def test_omitting_null_opinions_lowers_recall() -> None:
    targets_only = [opinion for opinion in GOLD if not opinion.is_null]
    f1 = {slot: slot_overlap(slot, targets_only, GOLD).f1 for slot in SLOTS}
    assert f1 == {"slot1": 6 / 7, "slot2": 1.0, "slot12": 6 / 7}  # 2 * 3 / (3 + 4)


@given(texts=texts)
def test_f1_equals_that_by_hand(texts: Texts) -> None:
    for slot, key in KEYS.items():
        assert totals(texts, slot).f1 == pytest.approx(f1_by_hand(texts, key))


@given(texts=texts)
def test_gold_opinions_score_one_against_themselves(texts: Texts) -> None:
    copies: Texts = [(gold, gold) for _, gold in texts]
    for slot, key in KEYS.items():
        occurs = any(key(opinion) is not None for _, gold in texts for opinion in gold)
        assert totals(copies, slot).f1 == float(occurs)
