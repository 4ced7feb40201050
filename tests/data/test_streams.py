"""Streams of shuffled passes over corpora, and their even merging."""

from __future__ import annotations

from itertools import accumulate, chain, pairwise

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from arabic_mtl.data.streams import interleave, merge, passes, segment

Row = tuple[int, int, int]
"""A corpus, a pass over the corpus, and a position in the pass."""


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def make_passes(corpora: list[list[int]]) -> list[list[list[Row]]]:
    """Returns, per corpus, passes with these numbers of rows."""
    return [
        [[(corpus, turn, position) for position in range(size)] for turn, size in enumerate(sizes)]
        for corpus, sizes in enumerate(corpora)
    ]


some_corpora = st.lists(st.lists(st.integers(1, 9), max_size=5), min_size=1, max_size=4).map(
    make_passes
)


def turns_in(rows: list[Row]) -> set[tuple[int, int]]:
    """Returns the corpora of rows, with the passes over the corpora."""
    return {(corpus, turn) for corpus, turn, _ in rows}


@given(
    size=st.integers(1, 12),
    counts=st.lists(st.integers(0, 30), min_size=1, max_size=6),
    seed=st.integers(0, 99),
)
def test_stream_does_not_depend_on_the_sections_read(
    size: int, counts: list[int], seed: int
) -> None:
    expected = [int(row) for part in passes(size, 0, sum(counts), [seed, 1]) for row in part]
    starts = accumulate(counts, initial=0)
    actual = [
        int(row)
        for start, count in zip(starts, counts, strict=False)
        for part in passes(size, start, count, [seed, 1])
        for row in part
    ]
    assert actual == expected
    assert len(expected) == sum(counts)


@given(size=st.integers(1, 12), start=st.integers(0, 40), count=st.integers(0, 60))
def test_each_part_belongs_to_one_pass(size: int, start: int, count: int) -> None:
    parts = [part.tolist() for part in passes(size, start, count, [3, 1])]
    assert all(parts)
    boundaries = list(accumulate(map(len, parts), initial=start))
    assert boundaries[-1] == start + count
    for (begin, end), part in zip(pairwise(boundaries), parts, strict=True):
        assert begin // size == (end - 1) // size
        assert len(set(part)) == len(part) <= size
        assert set(part) <= set(range(size))
    assert all(sorted(part) == list(range(size)) for part in parts[1:-1])


def test_every_pass_has_its_own_order() -> None:
    orders = [part.tolist() for part in passes(50, 0, 200, [3, 1])]
    orders += [part.tolist() for seed in ([3, 2], [4, 1]) for part in passes(50, 0, 50, seed)]
    assert len({tuple(order) for order in orders}) == 6


@given(
    counts=st.lists(st.integers(0, 60), min_size=1, max_size=5),
    seed=st.integers(0, 99),
)
def test_corpora_are_evenly_interleaved(counts: list[int], seed: int) -> None:
    assume(sum(counts) > 0)
    turns = interleave(np.array(counts), np.random.default_rng(seed))
    assert np.bincount(turns, minlength=len(counts)).tolist() == counts
    shares = np.array(counts) / sum(counts)
    for corpus, share in enumerate(shares):
        so_far = np.cumsum(turns == corpus)
        expected = share * np.arange(1, len(turns) + 1)
        other_corpora = np.count_nonzero(np.delete(shares, corpus))
        assert np.abs(so_far - expected).max() <= (1 - share) + share * other_corpora + 1e-9


@given(counts=st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_interleave_without_random_puts_turns_at_the_start(counts: list[int]) -> None:
    turns = interleave(np.array(counts)).tolist()
    assert turns[: len(counts)] == list(range(len(counts)))
    for corpus, count in enumerate(counts):
        positions = [
            position for position, turn_corpus in enumerate(turns) if turn_corpus == corpus
        ]
        exact = [turn * sum(counts) / count for turn in range(count)]
        far = [abs(a - b) for a, b in zip(positions, exact, strict=True)]
        assert max(far) <= len(counts) - 1


def test_interleaving_is_random() -> None:
    counts = np.array([20, 20])
    orders = {tuple(interleave(counts, np.random.default_rng(seed))) for seed in range(10)}
    assert len(orders) == 10


@given(corpora=some_corpora, seed=st.integers(0, 99))
def test_segments_are_the_rows_of_all_corpora_merged(
    corpora: list[list[list[Row]]], seed: int
) -> None:
    corpus_rows = [list(chain.from_iterable(parts)) for parts in corpora]
    segment_rows = list(chain.from_iterable(segment(corpora, random(seed))))
    assert segment_rows == merge(corpus_rows, random(seed))
    for corpus, rows in enumerate(corpus_rows):
        assert [row for row in segment_rows if row[0] == corpus] == rows


@given(corpora=some_corpora, seed=st.integers(0, 99))
def test_segment_has_one_pass_per_corpus_and_is_as_long_as_possible(
    corpora: list[list[list[Row]]], seed: int
) -> None:
    segments = segment(corpora, random(seed))
    for rows in segments:
        corpora_in = [corpus for corpus, _ in turns_in(rows)]
        assert len(set(corpora_in)) == len(corpora_in)
    for rows, following in pairwise(segments):
        corpus, turn, position = following[0]
        assert position == 0
        assert (corpus, turn - 1) in turns_in(rows)


def test_one_pass_over_each_corpus_is_one_segment() -> None:
    assert len(segment(make_passes([[7], [30], []]), random())) == 1


def test_one_cut_separates_passes_over_several_corpora() -> None:
    segments = segment(make_passes([[5, 5], [50, 50]]), random())
    assert [len(turns_in(rows)) for rows in segments] == [2, 2]
