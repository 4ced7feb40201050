"""Predictions written by hand, and the metrics of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from arabic_mtl.documents import LabelScore, Prediction, Span, SpansPrediction, TextPrediction
from arabic_mtl.tasks import Task
from arabic_mtl.text import Encoding


def near(score: float) -> Any:
    """A probability up to rounding."""
    return pytest.approx(score, abs=1e-6)


def labelled(*labels: str) -> TextPrediction:
    """A gold text."""
    return TextPrediction(tuple(LabelScore(label) for label in labels))


def labels_of(predictions: Sequence[Prediction]) -> list[list[str]]:
    """The labels of each text, or of its spans."""
    found = []
    for each in predictions:
        assert isinstance(each, TextPrediction | SpansPrediction)
        parts = each.labels if isinstance(each, TextPrediction) else each.spans
        found.append([part.label for part in parts])
    return found


def spans_of(predictions: Sequence[Prediction]) -> list[list[Span]]:
    """The spans of each text."""
    found = []
    for each in predictions:
        assert isinstance(each, SpansPrediction)
        found.append([Span(span.start, span.end, span.label) for span in each.spans])
    return found


def scores_of(
    task: Task, values: Sequence[Any], rows: Sequence[Encoding], predicted: Sequence[Prediction]
) -> dict[str, float]:
    """The task's metrics of predictions; unlabelled rows, which have no value, are left out."""
    of_rows = zip(values, rows, predicted, strict=True)
    known = [(task.gold(v, row), found) for v, row, found in of_rows if v is not None]
    gold, found = [right for right, _ in known], [each for _, each in known]
    scores = {}
    for name, metric in task.metrics().items():
        metric.update([0] * len(known), gold, found)
        scores[name] = metric.compute()[0].item()
    return scores
