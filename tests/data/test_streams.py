"""The rows that corpora give to an epoch: whole passes, one after the other, evenly spread."""

from __future__ import annotations

from itertools import accumulate, chain, pairwise

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from arabic_mtl.data.streams import interleaved, merged, passes, segments

Row = tuple[int, int, int]
"""A corpus, a pass over it, and a place in the pass."""


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def pieces_of(corpora: list[list[int]]) -> list[list[list[Row]]]:
    """Corpora that give pieces of so many rows."""
    return [
        [[(corpus, turn, place) for place in range(size)] for turn, size in enumerate(sizes)]
        for corpus, sizes in enumerate(corpora)
    ]


some_corpora = st.lists(st.lists(st.integers(1, 9), max_size=5), min_size=1, max_size=4).map(
    pieces_of
)


def turns_in(rows: list[Row]) -> set[tuple[int, int]]:
    """The corpora that rows are of, and the passes over them."""
    return {(corpus, turn) for corpus, turn, _ in rows}


@given(
    size=st.integers(1, 12),
    counts=st.lists(st.integers(0, 30), min_size=1, max_size=6),
    seed=st.integers(0, 99),
)
def test_stream_is_the_same_however_it_is_read(size: int, counts: list[int], seed: int) -> None:
    whole = [int(row) for piece in passes(size, 0, sum(counts), [seed, 1]) for row in piece]
    starts = accumulate(counts, initial=0)
    in_parts = [
        int(row)
        for start, count in zip(starts, counts, strict=False)
        for piece in passes(size, start, count, [seed, 1])
        for row in piece
    ]
    assert in_parts == whole
    assert len(whole) == sum(counts)


@given(size=st.integers(1, 12), start=st.integers(0, 40), count=st.integers(0, 60))
def test_pieces_are_of_one_pass_each(size: int, start: int, count: int) -> None:
    pieces = [piece.tolist() for piece in passes(size, start, count, [3, 1])]
    assert all(pieces)
    ends = list(accumulate(map(len, pieces), initial=start))
    assert ends[-1] == start + count
    for (begin, end), piece in zip(pairwise(ends), pieces, strict=True):
        assert begin // size == (end - 1) // size
        assert len(set(piece)) == len(piece) <= size
        assert set(piece) <= set(range(size))
    assert all(sorted(piece) == list(range(size)) for piece in pieces[1:-1])


def test_every_pass_has_an_order_of_its_own() -> None:
    orders = [piece.tolist() for piece in passes(50, 0, 200, [3, 1])]
    orders += [piece.tolist() for seed in ([3, 2], [4, 1]) for piece in passes(50, 0, 50, seed)]
    assert len({tuple(order) for order in orders}) == 6


@given(
    counts=st.lists(st.integers(0, 60), min_size=1, max_size=5),
    seed=st.integers(0, 99),
)
def test_corpora_are_evenly_interleaved(counts: list[int], seed: int) -> None:
    assume(sum(counts) > 0)
    found = interleaved(np.array(counts), np.random.default_rng(seed))
    assert np.bincount(found, minlength=len(counts)).tolist() == counts
    shares = np.array(counts) / sum(counts)
    for corpus, share in enumerate(shares):
        so_far = np.cumsum(found == corpus)
        expected = share * np.arange(1, len(found) + 1)
        others = np.count_nonzero(np.delete(shares, corpus))
        assert np.abs(so_far - expected).max() <= (1 - share) + share * others + 1e-9


@given(counts=st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_corpora_take_turns_from_the_front_without_randomness(counts: list[int]) -> None:
    found = interleaved(np.array(counts)).tolist()
    assert found[: len(counts)] == list(range(len(counts)))
    for corpus, count in enumerate(counts):
        places = [place for place, other in enumerate(found) if other == corpus]
        exact = [turn * sum(counts) / count for turn in range(count)]
        far = [abs(a - b) for a, b in zip(places, exact, strict=True)]
        assert max(far) <= len(counts) - 1


def test_interleaving_is_random() -> None:
    counts = np.array([20, 20])
    found = {tuple(interleaved(counts, np.random.default_rng(seed))) for seed in range(10)}
    assert len(found) == 10


@given(corpora=some_corpora, seed=st.integers(0, 99))
def test_segments_are_the_rows_of_all_corpora_merged(
    corpora: list[list[list[Row]]], seed: int
) -> None:
    whole = [list(chain.from_iterable(pieces)) for pieces in corpora]
    found = list(chain.from_iterable(segments(corpora, random(seed))))
    assert found == merged(whole, random(seed))
    for corpus, rows in enumerate(whole):
        assert [row for row in found if row[0] == corpus] == rows


@given(corpora=some_corpora, seed=st.integers(0, 99))
def test_a_segment_has_rows_of_one_pass_over_each_corpus_and_goes_on_as_long_as_it_can(
    corpora: list[list[list[Row]]], seed: int
) -> None:
    found = segments(corpora, random(seed))
    for rows in found:
        corpora_in = [corpus for corpus, _ in turns_in(rows)]
        assert len(set(corpora_in)) == len(corpora_in)
    for rows, after in pairwise(found):
        corpus, turn, place = after[0]
        assert place == 0
        assert (corpus, turn - 1) in turns_in(rows)


def test_one_pass_over_each_corpus_is_one_segment() -> None:
    assert len(segments(pieces_of([[7], [30], []]), random())) == 1


def test_one_cut_parts_passes_over_several_corpora() -> None:
    found = segments(pieces_of([[5, 5], [50, 50]]), random())
    assert [len(turns_in(rows)) for rows in found] == [2, 2]
