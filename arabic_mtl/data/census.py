"""The census of a file: one pass over it that stores its raw rows and collects its facts."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from arabic_mtl.data.raw_rows import RawRows
from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.files import atomic_write
from arabic_mtl.formats import Format, Notice, Notices
from arabic_mtl.formats.facts import Facts

SCHEMA = 1
"""Version of raw rows and facts; to be increased if they change for the same file."""


@dataclass(frozen=True)
class Census:
    """The raw rows and the facts of a file.

    Args:
        path: The file.
        rows: The examples of the file.
        facts: The layers and labels of the file.
        notices: The irregularities that were tolerated in the file.
    """

    path: Path
    rows: RawRows
    facts: Facts
    notices: list[Notice]


def take_census(
    form: Format,
    path: Path,
    rows: Path,
    track: Callable[[Iterable[Example]], Iterable[Example]] = iter,
) -> Census:
    """Returns the census of a file; reads the file only if the cache lacks the census.

    Args:
        form: The format of the file.
        path: The file.
        rows: The Arrow file for the raw rows. The facts are stored next to it as JSON.
        track: Shows the progress of reading.

    Raises:
        InputError: If the file breaks a rule of its format.
    """
    summary = rows.with_suffix(".json")
    if not (summary.is_file() and rows.is_file()):
        rows.parent.mkdir(parents=True, exist_ok=True)
        facts, notices = Facts(), Notices(path)
        try:
            with atomic_write(rows) as unfinished:
                examples = _observed(track(form.scan(path, notices)), facts)
                RawRows(unfinished).write(examples)
        except InputError as error:
            raise error.locate(path) from None
        values = {
            "facts": facts.as_dict(),
            "notices": [*_facts_of(notices), *_equal(RawRows(rows))],
        }
        with atomic_write(summary) as unfinished:  # the last file: it marks the rows as complete
            unfinished.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    values = json.loads(summary.read_text(encoding="utf-8"))
    known = [Notice(rule, number, line, path) for rule, number, line in values["notices"]]
    return Census(path, RawRows(rows), Facts.from_dict(values["facts"]), known)


def _observed(examples: Iterable[Example], facts: Facts) -> Iterator[Example]:
    """Yields examples after adding them to the facts."""
    for example in examples:
        facts.add(example)
        yield example


def _facts_of(notices: Notices) -> list[tuple[str, int, int | None]]:
    """Returns the rule, number and first line of each notice."""
    return [(notice.rule, notice.number, notice.line) for notice in notices]


def _equal(rows: RawRows) -> Iterator[tuple[str, int, int | None]]:
    """Yields the notices about texts that are equal to an earlier text of the file."""
    texts, contents = rows.hashes("text_hash"), rows.hashes("content_hash")
    _, first = np.unique(texts, return_index=True)
    repeated = np.setdiff1d(np.arange(len(texts)), first)
    if len(repeated):
        lines = rows.column("line")
        yield "text equal to an earlier one", len(repeated), lines[int(repeated[0])].as_py()
        distinct = len(np.unique(contents)) - len(first)
        if distinct:
            yield "text equal to an earlier one, with other annotations", distinct, None
