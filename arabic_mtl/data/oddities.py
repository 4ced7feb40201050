"""Oddities of the corpora that training tolerates: irregular files and texts in two splits."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from arabic_mtl.data.shared_texts import shared_texts
from arabic_mtl.data.sources import SPLITS, Sources


def oddities(sources: Sources) -> Iterator[str]:
    """Yields a line for each kind of irregularity in a file, and for texts that splits share.

    Args:
        sources: The corpora.
    """
    for corpus in sources.corpora:
        for census in sources.all_censuses(corpus):
            yield from (f"{corpus}, {census.path.name}: {notice}" for notice in census.notices)
        if sources.corpora[corpus].rows:
            yield from _unused_texts(sources, corpus)
    yield from shared_texts(sources)


def _unused_texts(sources: Sources, corpus: str) -> Iterator[str]:
    """Yields a line if texts of the training files are in no split."""
    used = Counter[Path]()
    for selection in (s for split in SPLITS for s in sources.selections(corpus, split)):
        used[selection.census.path] += sum(1 for _ in selection.select("id"))
    for census in sources.censuses(corpus, "train"):
        unused = census.facts.texts - used[census.path]
        if unused > 0:
            yield f"{corpus}, {census.path.name}: {unused:,} × text in no split, by `rows`"
