"""The category of a span, from the categories of its text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.decoders import category_of
from arabic_mtl.documents import LabelScore

LABELS = ("ROOMS#GENERAL", "ROOMS_AMENITIES#QUALITY", "ROOMS#PRICES", "HOTEL", "HOTEL#PRICES")


@pytest.mark.parametrize(
    ("span_label", "distribution", "expected"),
    [
        ("ROOMS", (0.1, 0.9, 0.3, 0.5, 0.5), ("ROOMS#PRICES", 0.3)),  # others are likelier
        ("ROOMS", (0.4, 0.9, 0.3, 0.5, 0.5), ("ROOMS#GENERAL", 0.4)),
        ("ROOMS", (0.2, 0.9, 0.2, 0.5, 0.5), ("ROOMS#GENERAL", 0.2)),  # the first of equal scores
        ("ROOMS", (0.0, 0.0, 0.0, 0.0, 0.0), ("ROOMS#GENERAL", 0.0)),
        ("ROOMS_AMENITIES", (0.1, 0.2, 0.3, 0.4, 0.5), ("ROOMS_AMENITIES#QUALITY", 0.2)),
        ("ROOMS#PRICES", (0.9, 0.2, 0.3, 0.4, 0.5), ("ROOMS#PRICES", 0.3)),  # already a category
        ("HOTEL", (0.1, 0.2, 0.3, 0.6, 0.5), ("HOTEL", 0.6)),
        ("HOTEL", (0.1, 0.2, 0.3, 0.4, 0.5), ("HOTEL#PRICES", 0.5)),
        ("ROOM", (0.9, 0.9, 0.9, 0.9, 0.9), None),
        ("ROOMS#", (0.9, 0.9, 0.9, 0.9, 0.9), None),
        ("SERVICE", (0.9, 0.9, 0.9, 0.9, 0.9), None),
    ],
)
def test_likeliest_category_of_the_span_is_chosen(
    span_label: str, distribution: Sequence[float], expected: tuple[str, float] | None
) -> None:
    category = category_of(span_label, LABELS, distribution)
    assert category == (None if expected is None else LabelScore(*expected))


@given(
    span_label=st.sampled_from(["ROOMS", "HOTEL", "SERVICE", "ROOMS#PRICES"]),
    distribution=st.lists(st.floats(0, 1), min_size=5, max_size=5),
)
def test_no_category_of_the_span_is_likelier(span_label: str, distribution: list[float]) -> None:
    candidates = [
        LabelScore(label, score)
        for label, score in zip(LABELS, distribution, strict=True)
        if label == span_label or label.startswith(f"{span_label}#")
    ]
    category = category_of(span_label, LABELS, distribution)
    assert (category is None) == (not candidates)
    assert category is None or (
        category in candidates
        and category.score == max(candidate.score for candidate in candidates)
    )


def test_result_without_categories_is_none() -> None:
    assert category_of("ROOMS", (), ()) is None
    with pytest.raises(ValueError, match="argument"):
        category_of("ROOMS", LABELS, (0.5,))
