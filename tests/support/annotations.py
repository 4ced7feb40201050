"""Comparison of annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from arabic_mtl import Annotation


def assert_close(annotation: Annotation, expected: Annotation, tolerance: float = 1e-5) -> None:
    """Asserts that two annotations are equal, scores up to an absolute tolerance."""

    def flatten(value: Any) -> Iterator[Any]:
        if isinstance(value, dict | list | tuple):
            for item in value.values() if isinstance(value, dict) else value:
                yield from flatten(item)
        else:
            yield value

    pairs = zip(flatten(as_dict(annotation)), flatten(as_dict(expected)), strict=True)
    for a, b in pairs:
        assert a == (pytest.approx(b, abs=tolerance) if isinstance(b, float) else b)


def as_dict(annotation: Annotation) -> dict[str, Any]:
    """Returns all fields of an annotation, with unrounded scores."""
    spans = [
        (s.start, s.end, s.text, {k: (v.label, v.score) for k, v in s.labels.items()})
        for s in annotation.spans
    ]
    labels = {k: [(v.label, v.score) for v in scores] for k, scores in annotation.labels.items()}
    return {"text": annotation.text, "spans": spans, "labels": labels}
