"""What is in a batch."""

from __future__ import annotations

from arabic_mtl.model.batch import Batch


def numbers_of(batch: Batch) -> dict[str, list[int]]:
    """Corpus to the table rows that a batch has of it."""
    found: dict[str, list[int]] = {}
    for corpus, number in batch.origin:
        found.setdefault(corpus, []).append(number)
    return found
