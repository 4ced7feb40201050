"""Ragged arrays against lists of lists."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.text.ragged import Ragged

Rows = list[list[int]]
rows = st.lists(st.lists(st.integers(-9, 99), max_size=4), max_size=6)


def ragged(rows: Rows) -> Ragged:
    """Returns a ragged array of two columns: the values, and their negatives."""
    values = [value for row in rows for value in row]
    return Ragged.from_counts([values, [-value for value in values]], [len(row) for row in rows])


@given(rows=rows, more_rows=rows, data=st.data())
def test_take_equals_indexing_a_list(rows: Rows, more_rows: Rows, data: st.DataObject) -> None:
    combined = Ragged.concatenate([ragged(rows), ragged(more_rows)])
    both = rows + more_rows
    numbers = st.integers(0, len(both) - 1)
    indices = data.draw(st.lists(numbers, max_size=8)) if both else []
    taken = combined.take(np.array(indices, dtype=np.int64))
    values, negatives = taken.values
    expected = [value for row in indices for value in both[row]]
    assert values.tolist() == expected
    assert negatives.tolist() == [-value for value in expected]
    assert taken.counts.tolist() == [len(both[row]) for row in indices]
    assert len(combined) == len(both)


def test_take_returns_a_copy() -> None:
    rows = ragged([[1], [2, 3]])
    copy = rows.take(np.array([1]))
    copy.values[:] += 1
    assert rows.values.tolist() == [[1, 2, 3], [-1, -2, -3]]


@given(rows=rows, data=st.data())
def test_join_concatenates_consecutive_rows(rows: Rows, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    bounds = [0, *cuts, len(rows)]
    joined = ragged(rows).join(np.array(bounds))
    groups = [rows[start:end] for start, end in pairwise(bounds)]
    assert joined.counts.tolist() == [sum(map(len, group)) for group in groups]
    numbers = joined.values[0].tolist()
    assert [numbers[start:end] for start, end in pairwise(joined.bounds.tolist())] == [
        [value for row in group for value in row] for group in groups
    ]
