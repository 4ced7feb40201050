"""Annotations beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from arabic_mtl import Annotation


def close(one: Annotation, other: Annotation, within: float = 1e-5) -> None:
    """Equal, but for scores, which may differ by so much."""

    def flat(value: Any) -> Iterator[Any]:
        if isinstance(value, dict | list | tuple):
            for each in value.values() if isinstance(value, dict) else value:
                yield from flat(each)
        else:
            yield value

    pairs = zip(flat(facts(one)), flat(facts(other)), strict=True)
    for a, b in pairs:
        assert a == (pytest.approx(b, abs=within) if isinstance(b, float) else b)


def facts(of: Annotation) -> dict[str, Any]:
    """All of an annotation, scores as they are."""
    spans = [
        (s.start, s.end, s.text, {k: (v.label, v.score) for k, v in s.labels.items()})
        for s in of.spans
    ]
    labels = {k: [(v.label, v.score) for v in found] for k, found in of.labels.items()}
    return {"text": of.text, "spans": spans, "labels": labels}
