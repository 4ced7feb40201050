"""Tags from spans and spans from tags, compared with the CoNLL scorer (seqeval)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from arabic_mtl.decoders import bio
from arabic_mtl.decoders.bio import Word
from arabic_mtl.text.encoding import WordBounds

NAMES = ["O", "B-X", "I-X", "B-Y", "I-Y"]
FIVE = [Word(n + 1, 4 * n, 4 * n + 3) for n in range(5)]
LONG = [Word(1, 0, 10), Word(2, 11, 21)]

Aligned = list[tuple[int, int, int, int, int]]
Spans = list[tuple[int, int, int]]


def columns(words: list[Word]) -> WordBounds:
    """Returns the words as lists of their tokens, starts and ends."""
    return WordBounds(*map(list, zip(*words, strict=True))) if words else WordBounds([], [], [])


@st.composite
def between_words(draw: st.DrawFn) -> tuple[list[Word], Spans]:
    """Draws words, with or without gaps, and non-overlapping spans of whole words."""
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
    ("spans", "aligned", "tags"),
    [
        ([], [], [0, 0, 0, 0, 0]),
        ([(0, 3, 0)], [(0, 0, 0, 0, 0)], [1, 0, 0, 0, 0]),
        ([(4, 11, 1)], [(1, 2, 0, 0, 1)], [0, 3, 4, 0, 0]),
        ([(0, 3, 0), (4, 7, 0)], [(0, 0, 0, 0, 0), (1, 1, 0, 0, 0)], [1, 1, 0, 0, 0]),
        ([(0, 7, 0), (8, 11, 1)], [(0, 1, 0, 0, 0), (2, 2, 0, 0, 1)], [1, 2, 3, 0, 0]),
        ([(5, 7, 0)], [(1, 1, 1, 0, 0)], [0, 1, 0, 0, 0]),
        ([(4, 6, 0)], [(1, 1, 0, 1, 0)], [0, 1, 0, 0, 0]),
        ([(5, 6, 0)], [(1, 1, 1, 1, 0)], [0, 1, 0, 0, 0]),  # inside a word at both ends
        ([(6, 13, 1)], [(1, 3, 2, 2, 1)], [0, 3, 4, 4, 0]),
        # a shared word belongs to the first span; the second begins at its next word
        ([(0, 7, 0), (4, 11, 1)], [(0, 1, 0, 0, 0), (2, 2, 0, 0, 1)], [1, 2, 3, 0, 0]),
        ([(0, 6, 0), (6, 10, 1)], [(0, 1, 0, 1, 0), (2, 2, 0, 1, 1)], [1, 2, 3, 0, 0]),
        # two spans in one word: the second is omitted
        ([(0, 1, 0), (1, 3, 1)], [(0, 0, 0, 2, 0)], [1, 0, 0, 0, 0]),
        ([(0, 3, 0), (0, 3, 1)], [(0, 0, 0, 0, 0)], [1, 0, 0, 0, 0]),
        ([(3, 4, 0)], [], [0, 0, 0, 0, 0]),  # between words
        ([(3, 6, 0)], [(1, 1, 0, 1, 0)], [0, 1, 0, 0, 0]),  # begins between words
        ([(5, 8, 0)], [(1, 1, 1, 0, 0)], [0, 1, 0, 0, 0]),  # ends between words
        ([(0, 0, 0)], [], [0, 0, 0, 0, 0]),  # NULL
        ([(16, 30, 1)], [(4, 4, 0, 0, 1)], [0, 0, 0, 0, 3]),
    ],
)
def test_align_and_encode(spans: Spans, aligned: Aligned, tags: list[int]) -> None:
    assert bio.align(columns(FIVE), spans, frozenset(), 3) == aligned
    assert bio.encode(5, aligned) == tags


@pytest.mark.parametrize(
    ("span", "longest", "trim"),
    [
        ((3, 18), 3, (3, 3)),
        ((3, 18), 2, (0, 0)),  # the trim exceeds the limit, and is not applied
        ((3, 18), 0, (0, 0)),
        ((3, 19), 2, (0, 2)),  # each end has its own limit
        ((2, 18), 2, (2, 0)),
        ((4, 17), 3, (0, 0)),
        ((4, 17), 4, (4, 4)),
        ((0, 21), 0, (0, 0)),
    ],
)
def test_trims_above_the_limit_become_zero(
    span: tuple[int, int], longest: int, trim: tuple[int, int]
) -> None:
    assert bio.align(columns(LONG), [(*span, 1)], frozenset(), longest) == [(0, 1, *trim, 1)]


@pytest.mark.parametrize(
    ("start", "end", "marks", "trim"),
    [
        (2, 10, {1}, (1, 0)),  # وَالغرفة without و and its vowel
        (4, 10, {1, 2, 3}, (1, 0)),
        (4, 10, {1, 3}, (2, 0)),
        (0, 6, {7, 9}, (0, 2)),
        (0, 9, {9}, (0, 0)),  # the mark on the last letter does not count
        (3, 7, {1, 2, 7, 8, 9}, (1, 0)),
    ],
)
def test_marks_are_not_counted(
    start: int, end: int, marks: set[int], trim: tuple[int, int]
) -> None:
    words = LONG[:1]
    assert bio.align(columns(words), [(start, end, 0)], frozenset(marks), 3) == [(0, 0, *trim, 0)]


@pytest.mark.parametrize(
    ("trim_start", "trim_end", "marks", "expected"),
    [
        (0, 0, (), (2, 9)),
        (1, 0, (), (3, 9)),
        (0, 1, (), (2, 8)),
        (2, 3, (), (4, 6)),
        (3, 3, (), (5, 6)),
        (3, 4, (), (2, 9)),  # no letter would remain
        (7, 0, (), (2, 9)),
        (0, 7, (), (2, 9)),
        (8, 8, (), (2, 9)),
        (1, 0, (3, 4), (5, 9)),
        (0, 1, (7, 8), (2, 6)),
        (2, 1, (3, 5, 8), (6, 7)),
        (2, 2, (3, 5, 8), (2, 9)),
        (1, 0, range(3, 9), (2, 9)),  # a single letter with marks
        (0, 0, range(3, 9), (2, 9)),
    ],
)
def test_trim(
    trim_start: int, trim_end: int, marks: tuple[int, ...], expected: tuple[int, int]
) -> None:
    word = Word(1, 2, 9)
    assert bio.trim(word, word, trim_start, trim_end, frozenset(marks)) == expected


@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=8),
    position=st.integers(0, 3),
    trim_start=st.integers(0, 8),
    trim_end=st.integers(0, 8),
)
def test_trim_takes_letters_with_their_marks(
    sizes: list[int], position: int, trim_start: int, trim_end: int
) -> None:
    """A letter and its marks are one block; trims remove whole blocks, but never all of a word."""
    blocks = []
    for size in sizes:
        blocks.append((position, position + size))
        position += size
    marks = frozenset(p for start, end in blocks for p in range(start + 1, end))
    start, end = blocks[0][0], blocks[-1][1]
    first = blocks[trim_start][0] if trim_start < len(blocks) else start
    last = blocks[-1 - trim_end][1] if trim_end < len(blocks) else end
    word = Word(1, start, end)
    expected = (first, last) if first < last else (start, end)
    assert bio.trim(word, word, trim_start, trim_end, marks) == expected


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ([], []),
        ([0, 0], []),
        ([1, 2, 2], [(0, 2, 0)]),
        ([1, 1], [(0, 0, 0), (1, 1, 0)]),
        ([2, 2, 0, 4], [(0, 1, 0), (3, 3, 1)]),  # an I after another label begins a span
        ([1, 4, 4], [(0, 0, 0), (1, 2, 1)]),
        ([3, 2], [(0, 0, 1), (1, 1, 0)]),
        ([1, 0, 2], [(0, 0, 0), (2, 2, 0)]),
    ],
)
def test_decode(tags: list[int], spans: Spans) -> None:
    assert bio.decode(tags) == spans


@given(tags=st.lists(st.integers(0, 4), max_size=15))
def test_decode_equals_seqeval(tags: list[int]) -> None:
    decoded = [("XY"[label], first, last) for first, last, label in bio.decode(tags)]
    assert decoded == get_entities([NAMES[tag] for tag in tags])


@given(case=between_words(), longest=st.integers(0, 8))
def test_spans_between_word_boundaries_are_restored(
    case: tuple[list[Word], Spans], longest: int
) -> None:
    words, spans = case
    aligned = bio.align(columns(words), spans, frozenset(), longest)
    assert [trim for _, _, *trim, _ in aligned] == [[0, 0]] * len(spans)
    decoded = bio.decode(bio.encode(len(words), aligned))
    assert decoded == [(first, last, label) for first, last, _, _, label in aligned]
    assert [(words[a].start, words[b].end, label) for a, b, label in decoded] == spans


@given(data=st.data())
def test_aligned_spans_share_no_word(data: st.DataObject) -> None:
    """Aligned spans are in order and their trims within the limit, even if spans overlap."""
    words, _ = data.draw(between_words())
    spans = data.draw(
        st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 2)), max_size=6)
    )
    marks = frozenset(data.draw(st.sets(st.integers(0, 60))))
    longest = data.draw(st.integers(0, 8))
    spans = sorted((min(a, b), max(a, b), label) for a, b, label in spans)
    aligned = bio.align(columns(words), spans, marks, longest)
    for (_, last, *_), (first, *_) in pairwise(aligned):
        assert last < first
    for first, last, trim_start, trim_end, _ in aligned:
        assert 0 <= first <= last < len(words)
        assert 0 <= trim_start <= longest
        assert 0 <= trim_end <= longest
    assert len(bio.decode(bio.encode(len(words), aligned))) == len(aligned)


def test_words_span_their_tokens() -> None:
    starts, ends = [0, 0, 3, 6, 7, 0, 1, 0], [0, 3, 5, 7, 9, 0, 4, 0]
    numbers = [-1, 0, 0, 1, 2, -1, -1, -1]
    assert bio.words(starts, ends, numbers) == [Word(1, 0, 5), Word(3, 6, 7), Word(4, 7, 9)]
    assert bio.first_tokens(numbers) == [1, 3, 4]
    assert bio.words([], [], []) == []
    assert bio.words([0, 0], [0, 0], [-1, -1]) == []
    assert bio.first_tokens([-1, -1]) == bio.first_tokens([]) == []


@given(data=st.data())
def test_a_span_gets_the_words_that_it_overlaps_and_no_earlier_span_has(
    data: st.DataObject,
) -> None:
    """Bisection equals comparing every span with every word."""
    words, _ = data.draw(between_words())
    bounds = st.tuples(st.integers(0, 40), st.integers(0, 40))
    spans = [(min(pair), max(pair), 0) for pair in data.draw(st.lists(bounds, max_size=6))]
    expected, taken = [], -1
    for start, end, _ in sorted(spans):
        inside = [n for n, w in enumerate(words) if w.start < end and w.end > start and n > taken]
        if inside:
            taken = inside[-1]
            expected.append((inside[0], taken))
    aligned = bio.align(columns(words), spans, frozenset(), 3)
    assert [(first, last) for first, last, *_ in aligned] == expected
