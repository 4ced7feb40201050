"""Tags from spans and spans from tags, beside the CoNLL scorer's own reading of tags."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from arabic_mtl.tasks import bio
from arabic_mtl.tasks.bio import Word

NAMES = ["O", "B-X", "I-X", "B-Y", "I-Y"]
FIVE = [Word(n + 1, 4 * n, 4 * n + 3) for n in range(5)]


@st.composite
def aligned_spans(draw: st.DrawFn) -> tuple[list[Word], list[tuple[int, int, int]]]:
    """Words with gaps or none between them, and spans from word to word that do not overlap."""
    words, position = [], 0
    for number in range(draw(st.integers(0, 12))):
        start = position + draw(st.integers(0, 2))
        position = start + draw(st.integers(1, 4))
        words.append(Word(number + 1, start, position))
    bounds = sorted(draw(st.sets(st.integers(0, len(words)))))
    ranges = [pair for pair in pairwise(bounds) if draw(st.booleans())]
    labels = [draw(st.integers(0, 2)) for _ in ranges]
    spans = [
        (words[first].start, words[last - 1].end, label)
        for (first, last), label in zip(ranges, labels, strict=True)
    ]
    return words, spans


@pytest.mark.parametrize(
    ("spans", "tags"),
    [
        ([], [0, 0, 0, 0, 0]),
        ([(0, 3, 0)], [1, 0, 0, 0, 0]),
        ([(4, 11, 1)], [0, 3, 4, 0, 0]),
        ([(0, 3, 0), (4, 7, 0)], [1, 1, 0, 0, 0]),
        ([(0, 7, 0), (8, 11, 1)], [1, 2, 3, 0, 0]),
        ([(5, 6, 0)], [0, 1, 0, 0, 0]),  # inside a word: the word
        ([(0, 7, 0), (4, 11, 1)], [1, 2, 3, 0, 0]),  # a shared word goes to the first
        ([(0, 3, 0), (0, 3, 1)], [1, 0, 0, 0, 0]),
        ([(3, 4, 0)], [0, 0, 0, 0, 0]),  # between words
        ([(0, 0, 0)], [0, 0, 0, 0, 0]),  # NULL
        ([(16, 30, 1)], [0, 0, 0, 0, 3]),
    ],
)
def test_encode(spans: list[tuple[int, int, int]], tags: list[int]) -> None:
    assert bio.encode(FIVE, spans) == tags


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ([], []),
        ([0, 0], []),
        ([1, 2, 2], [(0, 2, 0)]),
        ([1, 1], [(0, 0, 0), (1, 1, 0)]),
        ([2, 2, 0, 4], [(0, 1, 0), (3, 3, 1)]),  # an I that continues nothing begins a span
        ([1, 4, 4], [(0, 0, 0), (1, 2, 1)]),
        ([3, 2], [(0, 0, 1), (1, 1, 0)]),
        ([1, 0, 2], [(0, 0, 0), (2, 2, 0)]),
    ],
)
def test_decode(tags: list[int], spans: list[tuple[int, int, int]]) -> None:
    assert bio.decode(tags) == spans


@given(tags=st.lists(st.integers(0, 4), max_size=15))
def test_decode_equals_seqeval(tags: list[int]) -> None:
    found = [("XY"[label], first, last) for first, last, label in bio.decode(tags)]
    assert found == get_entities([NAMES[tag] for tag in tags])


@given(case=aligned_spans())
def test_spans_come_back_from_their_tags(
    case: tuple[list[Word], list[tuple[int, int, int]]],
) -> None:
    words, spans = case
    found = bio.decode(bio.encode(words, spans))
    assert [(words[a].start, words[b].end, label) for a, b, label in found] == spans


def test_words_span_their_tokens() -> None:
    starts, ends = [0, 0, 3, 6, 7, 0, 1, 0], [0, 3, 5, 7, 9, 0, 4, 0]
    numbers = [-1, 0, 0, 1, 2, -1, -1, -1]
    assert bio.words(starts, ends, numbers) == [Word(1, 0, 5), Word(3, 6, 7), Word(4, 7, 9)]
    assert bio.words([], [], []) == []
    assert bio.words([0, 0], [0, 0], [-1, -1]) == []
