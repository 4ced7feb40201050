"""Expected calibration error, by hand and by the bins that are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arabic_mtl.evaluation.calibration import (
    BINS,
    Confidences,
    binned,
    calibration_error,
    confidences,
)
from support.answers import MULTI, SEQUENCE, TOKEN, answer, chosen, several, span

THREE = [
    chosen("positive", [0.99, 0.01, 0.0]),  # sure and right
    chosen("negative", [0.95, 0.05, 0.0]),  # in the same bin, and wrong
    chosen("neutral", [0.3, 0.2, 0.5]),  # right, but not sure
]


def test_error_of_three_answers() -> None:
    found = confidences(SEQUENCE, "t", THREE)
    assert found.values.tolist() == [0.99, 0.95, 0.5]
    assert found.right.tolist() == [1, 0, 1]
    # Of two in the bin from 14/15 one is right, at a mean of 0.97; the third is off by a half.
    assert calibration_error(found) == pytest.approx((2 * abs(0.97 - 0.5) + abs(0.5 - 1.0)) / 3)
    bins = binned(found)
    assert bins.sizes.tolist() == [0] * 7 + [1] + [0] * 6 + [2]
    assert bins.confidence[[7, 14]] == pytest.approx([0.5, 0.97])
    assert bins.accuracy[[7, 14]] == pytest.approx([1.0, 0.5])
    assert np.isnan(bins.accuracy[0])


def test_every_label_of_every_text_counts_where_there_are_several() -> None:
    answers = [several(["A#X"], [0.9, 0.2, 0.6]), several([], [0.1, 0.2, 0])]
    found = confidences(MULTI, "t", answers)
    assert found.values.tolist() == [0.9, 0.2, 0.6, 0.1, 0.2, 0.0]
    assert found.right.tolist() == [1, 0, 0, 0, 0, 0]


def test_of_spans_the_found_ones_count() -> None:
    gold = [span(0, 6, "ROOMS"), span(8, 14, "SERVICE")]
    found = [span(0, 6, "ROOMS", 0.9), span(7, 14, "SERVICE", 0.8)]
    given = confidences(TOKEN, "t", [answer(gold, found), answer(None, found)])
    assert sorted(zip(given.values.tolist(), given.right.tolist(), strict=True)) == [
        (0.8, 0),
        (0.9, 1),
    ]


def test_nothing_found_has_no_confidence() -> None:
    assert len(confidences(TOKEN, "t", []).values) == 0
    assert len(confidences(MULTI, "t", [answer(None, [], [0.5, 0.5, 0.5])]).values) == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 10_000).map(lambda n: n / 10_000), st.integers(0, 1)),
        min_size=1,
        max_size=50,
    )
)
@example([(1.0, 0), (0.95, 1)])  # of one bin
def test_the_bins_that_are_drawn_make_the_error(items: list[tuple[float, int]]) -> None:
    values, right = (np.array(column) for column in zip(*items, strict=True))
    found = Confidences(values.astype(float), right)
    bins = binned(found)
    assert bins.sizes.sum() == len(items)
    assert len(bins.sizes) == BINS
    off = np.nan_to_num(np.abs(bins.accuracy - bins.confidence))
    assert calibration_error(found) == pytest.approx((off * bins.sizes).sum() / len(items))
