"""Oddities of the corpora that training tolerates: irregular files and texts in two splits."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from arabic_mtl.data.sources import SPLITS, Sources
from arabic_mtl.formats import Split

_LENGTH = 40  # characters shown of a text


def oddities(sources: Sources) -> Iterator[str]:
    """Yields a line for each kind of irregularity in a file, and for texts in two splits.

    Args:
        sources: The corpora.
    """
    for corpus in sources.corpora:
        files = {c.path: c for split in SPLITS for c in sources.censuses(corpus, split)}
        for census in files.values():
            yield from (f"{corpus}, {census.path.name}: {notice}" for notice in census.notices)
        if sources.corpora[corpus].rows:
            yield from _unused_texts(sources, corpus)
        for other, split in combinations(SPLITS, 2):
            yield from _shared_texts(sources, corpus, other, split)


def _unused_texts(sources: Sources, corpus: str) -> Iterator[str]:
    """Yields a line if texts of the training files are in no split."""
    files = {census.path: census.facts.texts for census in sources.censuses(corpus, "train")}
    used = Counter(c.path for split in SPLITS for c, _ in sources.select(corpus, split, "id"))
    for path, texts in files.items():
        if texts > used[path]:
            yield f"{corpus}, {path.name}: {texts - used[path]:,} × text in no split, by `rows`"


def _shared_texts(sources: Sources, corpus: str, other: Split, split: Split) -> Iterator[str]:
    """Yields a line if texts of a split are in another one as well."""
    known = {key for _, (key,) in sources.select(corpus, other, "text_hash")}
    rows = (row for _, row in sources.select(corpus, split, "text_hash", "line", "text"))
    shared = [(line, text) for key, line, text in rows if key in known]
    if shared:
        line, text = shared[0]
        begin = " ".join(text.split())[:_LENGTH]
        yield (
            f"{corpus}: {len(shared):,} × text of {split} that is also in {other}; first in "
            f"line {line}: «{begin}»"
        )
