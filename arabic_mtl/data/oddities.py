"""Oddities of the corpora that training tolerates: irregular files and texts in two splits."""

from collections.abc import Iterator

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
        for split in SPLITS[1:]:
            yield from _shared_texts(sources, corpus, split)


def _shared_texts(sources: Sources, corpus: str, split: Split) -> Iterator[str]:
    """Yields a line if texts of a split are training texts as well."""
    trained = {key for _, (key,) in sources.select(corpus, "train", "text_hash")}
    rows = (row for _, row in sources.select(corpus, split, "text_hash", "line", "text"))
    shared = [(line, text) for key, line, text in rows if key in trained]
    if shared:
        line, text = shared[0]
        begin = " ".join(text.split())[:_LENGTH]
        yield (
            f"{corpus}: {len(shared):,} × text of {split} that is also in train; first in "
            f"line {line}: «{begin}»"
        )
