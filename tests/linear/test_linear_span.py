"""What the baseline sees of a span."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from arabic_mtl.decoding import UNKNOWN, Given
from arabic_mtl.decoding.bio import Word
from arabic_mtl.linear.reading import Text
from arabic_mtl.linear.span import _all_views, span_views
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


def test_a_null_span_is_none_even_where_a_word_goes_through_its_place() -> None:
    text = Text(["فندق"], [Word(1, 0, 4)], [])
    assert span_views(text, 2, 2) == ("فندق", "", "", "", "")
    assert span_views(text, 2, 3) == ("فندق", "فندق", "", "فندق", "")


def test_what_is_given_of_a_span_is_a_view_of_its_own() -> None:
    task = SpanClassification(corpus="texts", layer="polarity", labels=("positive", "negative"))
    told = replace(task, given=Given(layer="aspect", labels=("A#X", "B#Y")))
    places = torch.tensor([[0, 12, 15, 7, 9], [0, 4, 4, 0, 12], [0, 12, 15, 7, 9]])
    targets = {"spans": places, "given": torch.tensor([1, UNKNOWN, 0])}
    plain = _all_views(task, [TEXT], targets)
    assert plain == [span_views(TEXT, *span) for span in ((12, 15), (4, 4), (12, 15))]
    assert _all_views(told, [TEXT], targets) == [
        (*plain[0], "B#Y"),
        (*plain[1], ""),
        (*plain[2], "A#X"),
    ]
