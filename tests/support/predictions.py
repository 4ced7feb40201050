"""Builders of predictions, and their labels, spans and metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from arabic_mtl.documents import LabelScore, Prediction, Span, SpansPrediction, TextPrediction
from arabic_mtl.tasks import Task
from arabic_mtl.text import Encoding


def approx(score: float) -> Any:
    """Returns a number that equals a probability up to rounding errors."""
    return pytest.approx(score, abs=1e-6)


def gold_text(*labels: str) -> TextPrediction:
    """Returns the gold labels of a text."""
    return TextPrediction(tuple(LabelScore(label) for label in labels))


def predicted_labels(predictions: Sequence[Prediction]) -> list[list[str]]:
    """Returns the labels of each text, or of its spans."""
    labels = []
    for item in predictions:
        assert isinstance(item, TextPrediction | SpansPrediction)
        parts = item.labels if isinstance(item, TextPrediction) else item.spans
        labels.append([part.label for part in parts])
    return labels


def predicted_spans(predictions: Sequence[Prediction]) -> list[list[Span]]:
    """Returns the spans of each text."""
    spans = []
    for item in predictions:
        assert isinstance(item, SpansPrediction)
        spans.append([Span(span.start, span.end, span.label) for span in item.spans])
    return spans


def compute_scores(
    task: Task, values: Sequence[Any], rows: Sequence[Encoding], predicted: Sequence[Prediction]
) -> dict[str, float]:
    """Returns the metrics of a task; rows without a value are unlabelled and ignored."""
    triples = zip(values, rows, predicted, strict=True)
    pairs = [(task.gold(v, row), prediction) for v, row, prediction in triples if v is not None]
    gold, predictions = [item for item, _ in pairs], [item for _, item in pairs]
    scores = {}
    for name, metric in task.metrics().items():
        metric.update([0] * len(pairs), gold, predictions)
        scores[name] = metric.compute()[0].item()
    return scores
