"""Rows of different lengths against lists of lists."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.text.offsets import Ragged

Rows = list[list[int]]
rows = st.lists(st.lists(st.integers(-9, 99), max_size=4), max_size=6)


def ragged(rows: Rows) -> Ragged:
    """Two columns: the values, and their negatives."""
    values = [value for row in rows for value in row]
    return Ragged.of([values, [-value for value in values]], [len(row) for row in rows])


@given(rows=rows, more=rows, data=st.data())
def test_rows_are_taken_as_from_a_list(rows: Rows, more: Rows, data: st.DataObject) -> None:
    together = ragged(rows) + ragged(more)
    both = rows + more
    numbers = st.integers(0, len(both) - 1)
    chosen = data.draw(st.lists(numbers, max_size=8)) if both else []
    (values, negatives), counts = together.take(np.array(chosen, dtype=np.int64))
    expected = [value for row in chosen for value in both[row]]
    assert values.tolist() == expected
    assert negatives.tolist() == [-value for value in expected]
    assert counts.tolist() == [len(both[row]) for row in chosen]
    assert len(together) == len(both)


def test_taking_does_not_lend_the_values() -> None:
    rows = ragged([[1], [2, 3]])
    taken, _ = rows.take(np.array([1]))
    taken += 1
    assert rows.values.tolist() == [[1, 2, 3], [-1, -2, -3]]
