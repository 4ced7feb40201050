"""Ragged arrays against lists of lists."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.text.offsets import Ragged

Rows = list[list[int]]
rows = st.lists(st.lists(st.integers(-9, 99), max_size=4), max_size=6)


def ragged(rows: Rows) -> Ragged:
    """Returns a ragged array of two columns: the values, and their negatives."""
    values = [value for row in rows for value in row]
    return Ragged.from_counts([values, [-value for value in values]], [len(row) for row in rows])


@given(rows=rows, more_rows=rows, data=st.data())
def test_take_equals_indexing_a_list(rows: Rows, more_rows: Rows, data: st.DataObject) -> None:
    combined = ragged(rows) + ragged(more_rows)
    both = rows + more_rows
    numbers = st.integers(0, len(both) - 1)
    indices = data.draw(st.lists(numbers, max_size=8)) if both else []
    (values, negatives), counts = combined.take(np.array(indices, dtype=np.int64))
    expected = [value for row in indices for value in both[row]]
    assert values.tolist() == expected
    assert negatives.tolist() == [-value for value in expected]
    assert counts.tolist() == [len(both[row]) for row in indices]
    assert len(combined) == len(both)


def test_take_returns_a_copy() -> None:
    rows = ragged([[1], [2, 3]])
    copy, _ = rows.take(np.array([1]))
    copy += 1
    assert rows.values.tolist() == [[1, 2, 3], [-1, -2, -3]]
