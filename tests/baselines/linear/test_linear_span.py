"""The views of a span, and its condition."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from arabic_mtl.baselines.linear.learn import TrainingRows, learn
from arabic_mtl.baselines.linear.reading import Text
from arabic_mtl.baselines.linear.span import span_views
from arabic_mtl.decoders import UNKNOWN, SpanCondition
from arabic_mtl.decoders.bio import Word
from arabic_mtl.tasks import SpanClassification

WORDS = [str(n) for n in range(10)]
TEXT = Text(WORDS, [Word(n + 1, 2 * n, 2 * n + 1) for n in range(10)], [])  # "0 1 2 … 9"
ALL = "0 1 2 3 4 5 6 7 8 9"


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((12, 15), (ALL, "1 2 3 4 5 6 7 8 9", "1 2 3 4 5", "6 7", "8 9")),  # five on either side
        ((0, 1), (ALL, "0 1 2 3 4 5", "", "0", "1 2 3 4 5")),
        ((18, 19), (ALL, "4 5 6 7 8 9", "4 5 6 7 8", "9", "")),
        ((5, 6), (ALL, "", "", "", "")),  # a space: no word is in it
        ((4, 4), (ALL, "", "", "", "")),  # NULL
    ],
)
def test_views(span: tuple[int, int], expected: tuple[str, ...]) -> None:
    assert span_views(TEXT, *span) == expected


def test_a_null_span_inside_a_word_has_no_span_views() -> None:
    text = Text(["فندق"], [Word(1, 0, 4)], [])
    assert span_views(text, 2, 2) == ("فندق", "", "", "", "")
    assert span_views(text, 2, 3) == ("فندق", "فندق", "", "فندق", "")


def test_the_condition_of_a_span_is_a_view() -> None:
    """The opinions of a text have equal offsets, so the condition alone distinguishes them."""
    plain = SpanClassification(corpus="texts", layer="polarity", labels=("positive", "negative"))
    conditioned = replace(plain, condition=SpanCondition(layer="aspect", labels=("A#X", "B#Y")))
    rows = range(20)
    targets = {
        "spans": torch.tensor([[row, 12, 15, 7, 9] for row in rows for _ in range(2)]),
        "conditions": torch.tensor([0, 1] * len(rows)),
        "labels": torch.tensor([1, 0] * len(rows)),
    }
    part = TrainingRows([TEXT] * len(rows), targets, [str(row // 2) for row in rows])
    queries = {
        "spans": torch.tensor([[0, 12, 15, 7, 9]] * 3),
        "conditions": torch.tensor([0, 1, UNKNOWN]),
    }
    first, second, unknown = learn(conditioned, [part])([TEXT], queries)["logits"]
    assert first[1] - first[0] > 1
    assert second[0] - second[1] > 1
    assert first[1] > unknown[1] > second[1]
    logits = learn(plain, [part])([TEXT], queries)["logits"]
    assert torch.equal(logits, logits[:1].expand(3, -1))
