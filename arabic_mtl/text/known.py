"""A cache of tokenized chunks, which threads read without a lock."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np

from arabic_mtl.text.ragged import Integers, Ragged
from arabic_mtl.text.segments import ID, Segments, empty

_CACHE_SIZE = 200_000  # chunks; some 60 MB
_RECENT_SIZE = 1_000  # chunks


class _Table(NamedTuple):
    """An immutable table of chunks.

    Args:
        rows: Chunk to its row in ``segments``.
        segments: The tokens of each chunk.
    """

    rows: Mapping[str, int]
    segments: Segments

    def extend(self, chunks: Collection[str], segments: Segments) -> Self:
        """Returns a table that also contains other chunks, one segment for each."""
        new = {chunk: row for row, chunk in enumerate(chunks, len(self.rows))}
        return type(self)({**self.rows, **new}, Segments.concatenate([self.segments, segments]))

    def take(self, chunks: Sequence[str]) -> Segments:
        """Returns the segments of chunks, all of which must be in the table."""
        rows = [self.rows[chunk] for chunk in chunks]
        return self.segments.take(np.array(rows, dtype=np.int64))


class KnownChunks(NamedTuple):
    """An immutable cache of tokenized chunks.

    Adding chunks creates a new cache, so that threads read it without a lock. Only the small
    table of recent chunks is copied each time.

    Args:
        older: Most chunks.
        recent: The chunks added last.
    """

    older: _Table
    recent: _Table

    @classmethod
    def of(cls, chunks: Collection[str], segments: Segments) -> Self:
        """Returns a cache of some chunks, one segment for each."""
        nothing = _Table({}, empty())
        return cls(nothing.extend(chunks, segments), nothing)

    def extend(self, chunks: Collection[str], segments: Segments) -> Self:
        """Returns a cache that also contains other chunks, one segment for each."""
        recent = self.recent.extend(chunks, segments)
        if len(recent.rows) <= _RECENT_SIZE:
            return type(self)(self.older, recent)
        return type(self)(self.older.extend(recent.rows, recent.segments), _Table({}, empty()))

    def bounded(self) -> Self:
        """Returns this cache, without the older chunks if they are too many."""
        if len(self.older.rows) <= _CACHE_SIZE:
            return self
        return type(self)(_Table({}, empty()), self.recent)

    def missing(self, chunks: Collection[str]) -> list[str]:
        """Returns the chunks that are not in the cache, sorted."""
        older, recent = self.older.rows, self.recent.rows
        return sorted(chunk for chunk in chunks if chunk not in older and chunk not in recent)

    def take(self, chunks: Sequence[str]) -> Segments:
        """Returns the segment of each chunk; all chunks must be in the cache."""
        if self.recent.rows.keys().isdisjoint(chunks):
            return self.older.take(chunks)
        distinct = dict.fromkeys(chunks)
        older = [chunk for chunk in distinct if chunk in self.older.rows]
        recent = [chunk for chunk in distinct if chunk not in self.older.rows]
        rows = {chunk: row for row, chunk in enumerate([*older, *recent])}
        parts = [t.take(c) for t, c in ((self.older, older), (self.recent, recent)) if c]
        return _Table(rows, Segments.concatenate(parts)).take(chunks)

    def renumber(self, ids: Integers) -> Self:
        """Returns the same chunks with other ids of their tokens.

        Args:
            ids: The new id of each old id.
        """
        return type(self)(*(_renumber(table, ids) for table in self))


def _renumber(table: _Table, ids: Integers) -> _Table:
    tokens = table.segments.tokens
    values = tokens.values.copy()
    values[ID] = ids[values[ID]]
    segments = table.segments
    return _Table(
        table.rows, Segments(Ragged(values, tokens.bounds), segments.letters, segments.marks)
    )
