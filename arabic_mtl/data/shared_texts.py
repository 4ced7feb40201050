"""Texts that two splits share, of one corpus or of several."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from arabic_mtl.data.selection import Selection
from arabic_mtl.data.sources import SPLITS, Sources
from arabic_mtl.formats import Split

_LENGTH = 40  # characters shown of a text


class _Part(NamedTuple):
    """The texts that a file has for a split.

    Args:
        corpus: The name of the corpus.
        split: The split.
        selection: The examples.
        hashes: The hash of each text (texts,).
    """

    corpus: str
    split: Split
    selection: Selection
    hashes: "np.ndarray[tuple[int], np.dtype[np.uint64]]"


def shared_texts(sources: Sources) -> Iterator[str]:
    """Yields a line for each file and split that has texts of another split.

    Compared are the splits of each corpus, and the evaluation splits of each corpus with the
    training splits of all others: a model is trained on all of them, so that its scores on a text
    that it has seen are too high.

    Args:
        sources: The corpora.
    """
    parts = {
        (corpus, split): [_part(corpus, split, s) for s in sources.selections(corpus, split)]
        for corpus, split in product(sources.corpora, SPLITS)
    }
    for corpus in sources.corpora:
        for other, split in combinations(SPLITS, 2):
            yield from _lines(parts[corpus, split], parts[corpus, other])
        for trained, split in product(sources.corpora, SPLITS[1:]):
            if trained != corpus:
                yield from _lines(parts[corpus, split], parts[trained, "train"])


def _part(corpus: str, split: Split, selection: Selection) -> _Part:
    """Returns the texts of a split in a file."""
    hashes = (key for (key,) in selection.select("text_hash"))
    return _Part(corpus, split, selection, np.fromiter(hashes, dtype=np.uint64))


def _lines(own: list[_Part], others: list[_Part]) -> Iterator[str]:
    """Yields a line for each file of a split that has texts of another split."""
    for part in own:
        known = np.concatenate([part.hashes[:0], *(other.hashes for other in others)])
        shared = part.hashes[np.isin(part.hashes, known)]
        if len(shared):
            yield _described(part, shared, others)


def _described(
    part: _Part, shared: "np.ndarray[tuple[int], np.dtype[np.uint64]]", others: list[_Part]
) -> str:
    """Describes the texts of a file that another split has, too."""
    other = next(o for o in others if shared[0] in o.hashes)
    line, text = _first(part, shared[0])
    other_line, _ = _first(other, shared[0])
    of_corpus = "" if other.corpus == part.corpus else f" of {other.corpus}"
    return (
        f"{part.corpus}, {part.selection.census.path.name}: {len(shared):,} × text of "
        f"{part.split} that is also in {other.split}{of_corpus}; first in line {line} and in "
        f"{other.selection.census.path.name}, line {other_line}: "
        f"«{' '.join(text.split())[:_LENGTH]}»"
    )


def _first(part: _Part, key: np.uint64) -> tuple[int | None, str]:
    """Returns the line and the text of the first example with a hash."""
    rows = part.selection.select("text_hash", "line", "text")
    return next((line, text) for own, line, text in rows if own == key)
