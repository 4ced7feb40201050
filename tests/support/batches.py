"""The rows of a batch."""

from __future__ import annotations

from arabic_mtl.model.batch import Batch


def row_numbers(batch: Batch) -> dict[str, list[int]]:
    """Returns the row numbers of a batch by corpus."""
    numbers: dict[str, list[int]] = {}
    for corpus, number in batch.origin:
        numbers.setdefault(corpus, []).append(number)
    return numbers
