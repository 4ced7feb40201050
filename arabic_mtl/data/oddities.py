"""Oddities of the corpora that training tolerates: irregular files and texts in two splits."""

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import combinations
from pathlib import Path

from arabic_mtl.data.sources import SPLITS, Sources
from arabic_mtl.formats import Split

_LENGTH = 40  # characters shown of a text


def oddities(sources: Sources) -> Iterator[str]:
    """Yields a line for each kind of irregularity in a file, and for texts in two splits.

    Args:
        sources: The corpora.
    """
    for corpus in sources.corpora:
        for census in sources.all_censuses(corpus):
            yield from (f"{corpus}, {census.path.name}: {notice}" for notice in census.notices)
        if sources.corpora[corpus].rows:
            yield from _unused_texts(sources, corpus)
        yield from _shared_texts(sources, corpus)


def _unused_texts(sources: Sources, corpus: str) -> Iterator[str]:
    """Yields a line if texts of the training files are in no split."""
    used = Counter[Path]()
    for selection in (s for split in SPLITS for s in sources.selections(corpus, split)):
        used[selection.census.path] += sum(1 for _ in selection.select("id"))
    for census in sources.censuses(corpus, "train"):
        unused = census.facts.texts - used[census.path]
        if unused > 0:
            yield f"{corpus}, {census.path.name}: {unused:,} × text in no split, by `rows`"


def _shared_texts(sources: Sources, corpus: str) -> Iterator[str]:
    """Yields a line for two splits that have texts in common."""
    hashes = {
        split: [key for s in sources.selections(corpus, split) for (key,) in s.select("text_hash")]
        for split in SPLITS
    }
    for other, split in combinations(SPLITS, 2):
        known = set(hashes[other])
        number = sum(key in known for key in hashes[split])
        if number:
            line, text = _first(sources, corpus, split, known)
            begin = " ".join(text.split())[:_LENGTH]
            yield (
                f"{corpus}: {number:,} × text of {split} that is also in {other}; first in "
                f"line {line}: «{begin}»"
            )


def _first(
    sources: Sources, corpus: str, split: Split, hashes: Collection[int]
) -> tuple[int | None, str]:
    """Returns the line and the text of a split's first example that has one of some hashes."""
    rows = (
        row
        for selection in sources.selections(corpus, split)
        for row in selection.select("text_hash", "line", "text")
    )
    return next((line, text) for key, line, text in rows if key in hashes)
