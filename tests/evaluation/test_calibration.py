"""The expected calibration error, computed by hand and from the bins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arabic_mtl.evaluation.calibration import (
    BINS,
    Confidences,
    bin_confidences,
    calibration_error,
    confidences,
)
from support.predicted import (
    MULTI,
    SEQUENCE,
    TOKEN,
    multi_label,
    predicted_example,
    single_label,
    span,
)

THREE = [
    single_label("positive", [0.99, 0.01, 0.0]),  # confident and correct
    single_label("negative", [0.95, 0.05, 0.0]),  # in the same bin, wrong
    single_label("neutral", [0.3, 0.2, 0.5]),  # correct, not confident
]


def test_error_of_three_decisions() -> None:
    found = confidences(SEQUENCE, "t", THREE)
    assert found.values.tolist() == [0.99, 0.95, 0.5]
    assert found.correct.tolist() == [1, 0, 1]
    # One of two decisions in the last bin is correct, at a mean of 0.97; the third is off by 0.5.
    assert calibration_error(found) == pytest.approx((2 * abs(0.97 - 0.5) + abs(0.5 - 1.0)) / 3)
    bins = bin_confidences(found)
    assert bins.sizes.tolist() == [0] * 7 + [1] + [0] * 6 + [2]
    assert bins.confidence[[7, 14]] == pytest.approx([0.5, 0.97])
    assert bins.accuracy[[7, 14]] == pytest.approx([1.0, 0.5])
    assert np.isnan(bins.accuracy[0])


def test_multi_label_counts_every_label_of_every_text() -> None:
    examples = [multi_label(["A#X"], [0.9, 0.2, 0.6]), multi_label([], [0.1, 0.2, 0])]
    found = confidences(MULTI, "t", examples)
    assert found.values.tolist() == [0.9, 0.2, 0.6, 0.1, 0.2, 0.0]
    assert found.correct.tolist() == [1, 0, 0, 0, 0, 0]


def test_tagger_counts_predicted_spans() -> None:
    gold = [span(0, 6, "ROOMS"), span(8, 14, "SERVICE")]
    found = [span(0, 6, "ROOMS", 0.9), span(7, 14, "SERVICE", 0.8)]
    items = confidences(
        TOKEN, "t", [predicted_example(gold, found), predicted_example(None, found)]
    )
    assert sorted(zip(items.values.tolist(), items.correct.tolist(), strict=True)) == [
        (0.8, 0),
        (0.9, 1),
    ]


def test_no_predictions_have_no_confidences() -> None:
    assert len(confidences(TOKEN, "t", []).values) == 0
    assert len(confidences(MULTI, "t", [predicted_example(None, [], [0.5, 0.5, 0.5])]).values) == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 10_000).map(lambda n: n / 10_000), st.integers(0, 1)),
        min_size=1,
        max_size=50,
    )
)
@example([(1.0, 0), (0.95, 1)])  # both in the last bin
def test_bins_add_up_to_the_error(items: list[tuple[float, int]]) -> None:
    values, correct = (np.array(column) for column in zip(*items, strict=True))
    found = Confidences(values.astype(float), correct)
    bins = bin_confidences(found)
    assert bins.sizes.sum() == len(items)
    assert len(bins.sizes) == BINS
    gaps = np.nan_to_num(np.abs(bins.accuracy - bins.confidence))
    assert calibration_error(found) == pytest.approx((gaps * bins.sizes).sum() / len(items))
