"""The examples of each split of the corpora, from files that are read once."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from arabic_mtl.data.census import SCHEMA, Census, take_census
from arabic_mtl.data.content import content_key
from arabic_mtl.data.files import read_line_numbers, require_lines, split_files
from arabic_mtl.data.raw_rows import Chosen
from arabic_mtl.data.split import is_held_out
from arabic_mtl.data.track import Track, untracked
from arabic_mtl.documents import OWN_GROUP, Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format, Split
from arabic_mtl.formats.groups import Groups

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


class Sources:
    """The files of some corpora, and the examples that each split has of them.

    Args:
        corpora: The corpora, by name.
        root: The folder that the corpora's paths are relative to.
        validation_share: The fraction of training groups to hold out if a corpus has no
            validation file; 0 for none.
        split_seed: Seed of the choice of held-out groups.
        cache: The folder of the cache.
    """

    def __init__(
        self,
        corpora: dict[str, Format],
        *,
        root: Path,
        validation_share: float,
        split_seed: int,
        cache: Path,
    ) -> None:
        if not 0 <= validation_share < 1:
            raise InputError(
                "data.validation_share must be a fraction of the training reviews",
                found=validation_share,
                expected="0 or more and below 1; to validate on a file, name it as `validation`",
            )
        self.corpora, self.root = corpora, root
        self.validation_share, self.split_seed = validation_share, split_seed
        self.cache = cache.expanduser()
        self.track: Track = untracked
        """Shows the progress of slow work; the command line sets a progress bar."""

    def files(self, corpus: str, split: Split) -> list[Path]:
        """Returns the files of a split; those of held-out groups are the training files.

        Raises:
            InputError: If a configured file does not exist.
        """
        own = split_files(self.root, self.corpora[corpus], split, f"data.corpora.{corpus}")
        if not own and split == "validation" and self.validation_share > 0:
            return self.files(corpus, "train")
        return own

    def source(self, corpus: str, split: Split) -> Path | None:
        """Returns the only file of a split; None if it has several, or none."""
        files = self.files(corpus, split)
        return files[0] if len(files) == 1 else None

    def corpora_with(self, split: Split) -> list[str]:
        """Returns the corpora that have a split."""
        return [name for name in self.corpora if self.files(name, split)]

    def require(self, split: Split) -> None:
        """Raises `InputError` if a split is missing.

        The training split is required of every corpus, another split of at least one.

        Raises:
            InputError: If a file is not configured; the message names the option.
        """
        lacking = [name for name in self.corpora if name not in self.corpora_with(split)]
        if lacking and (split == "train" or len(lacking) == len(self.corpora)):
            raise InputError(
                f"data.corpora must name {split} files",
                found=f"no `{split}` under data.corpora.{', '.join(lacking)}",
                expected=f"--data.corpora.{lacking[0]}.{split}=FILE",
            )

    def censuses(self, corpus: str, split: Split) -> list[Census]:
        """Returns the census of each file of a split.

        Raises:
            InputError: If a file breaks a rule of its format.
        """
        return [self._census(corpus, path) for path in self.files(corpus, split)]

    def examples(self, corpus: str, split: Split) -> Iterator[Example]:
        """Yields the examples of a split; none if the corpus has no such split.

        The ids of a split with several files begin with the name of the file.
        """
        censuses = self.censuses(corpus, split)
        groups = self._groups(corpus, censuses)
        for census in censuses:
            prefix = f"{self._label(corpus, census.path)}:" if len(censuses) > 1 else ""
            for example in census.rows.examples(self._chosen(corpus, split, census, groups)):
                yield replace(
                    example,
                    id=prefix + example.id,
                    group=groups.name(self._group(corpus, census, example.group)),
                    linked=(),
                )

    def select(
        self, corpus: str, split: Split, *names: str
    ) -> Iterator[tuple[Census, tuple[Any, ...]]]:
        """Yields some columns of a split's raw rows, each with the census of its file."""
        censuses = self.censuses(corpus, split)
        groups = self._groups(corpus, censuses)
        for census in censuses:
            chosen = self._chosen(corpus, split, census, groups)
            yield from ((census, row) for row in census.rows.select(names, chosen))

    def texts(self, corpus: str, split: Split) -> Iterator[str]:
        """Yields the texts of a split."""
        return (text for _, (text,) in self.select(corpus, split, "text"))

    def group_names(self, corpus: str, split: Split) -> set[str]:
        """Returns the names of all groups of a split, without joining connected ones."""
        return {
            self._group(corpus, census, name)
            for census, (group, linked) in self.select(corpus, split, "group", "linked")
            for name in (group, *linked)
        }

    def locate(self, error: InputError, corpus: str, split: Split) -> InputError:
        """Fills in the file of an error in an example of a split; returns the error."""
        files = self.files(corpus, split)
        name = str(error.sentence or "")
        own = [p for p in files if len(files) == 1 or name.startswith(f"{self._label(corpus, p)}:")]
        return error.locate(own[0] if own else None)

    def identity(self, split: Split, *corpora: str) -> list[Any]:
        """Returns all that determines a split's examples: formats, files, held-out groups."""
        formats = [self.corpora[name].identity for name in corpora]
        files = [path for name in corpora for path in self.files(name, split)]
        shared = [self._holds_out(name) for name in corpora]
        identity: list[Any] = [
            formats,
            split,
            shared,
            self.validation_share,
            self.split_seed,
            *files,
        ]
        for name in corpora:  # further parts only where needed: keys of single files stay
            if self.corpora[name].rows:
                identity += [lines and sorted(lines) for lines in self._lines(name, split)]
            if len(own := self.files(name, split)) > 1 or self.corpora[name].has_local_groups:
                identity.append([self._label(name, path) for path in own])
        return identity

    def _census(self, corpus: str, path: Path) -> Census:
        """Returns the census of a file."""
        form = self.corpora[corpus]
        key = content_key(SCHEMA, form.identity, path.name, path)
        rows = self.cache / "files" / f"{corpus}-{key}.arrow"
        return take_census(form, path, rows, partial(self.track, title=f"Reading {path.name}"))

    def _chosen(self, corpus: str, split: Split, census: Census, groups: Groups) -> Chosen:
        """Returns the function that decides which examples of a file belong to a split."""
        included, excluded = self._lines(corpus, split)
        if included is not None:
            require_lines(included, census.rows, f"data.corpora.{corpus}.rows.{split}")
        is_divided = split != "test" and self._holds_out(corpus)
        if included is None and not excluded and not is_divided:
            return _all
        share, seed = self.validation_share, self.split_seed

        def is_chosen(group: str, line: int | None) -> bool:
            if line in excluded or (included is not None and line not in included):
                return False
            name = groups.name(self._group(corpus, census, group))
            held_out = is_divided and is_held_out(name, share=share, seed=seed)
            return not is_divided or held_out == (split == "validation")

        return is_chosen

    def _holds_out(self, corpus: str) -> bool:
        """Returns whether validation examples are groups of the training files."""
        form = self.corpora[corpus]
        return form.validation is None and "validation" not in form.rows

    def _lines(self, corpus: str, split: Split) -> tuple[set[int] | None, set[int]]:
        """Returns the lines that a split is limited to, if it is, and those that it must not have.

        The lines of `rows` of a split without files of its own are no training lines. Held-out
        examples are chosen from the training lines.

        Raises:
            InputError: If two splits have the same line of a file.
        """
        form = self.corpora[corpus]
        own: Split = "train" if split == "validation" and self._holds_out(corpus) else split
        lines = {name: self._line_numbers(corpus, name) for name in form.rows}
        included = lines.pop(own, None)
        takes_training_files = own == "train" or getattr(form, own) is None
        others = [
            numbers
            for name, numbers in lines.items()
            if name == "train" or getattr(form, name) is None
        ]
        excluded = set().union(*others) if takes_training_files else set()
        if both := (included or set()) & excluded:
            raise InputError(
                "the `rows` of a corpus must give each line to one split",
                found=f"data.corpora.{corpus}.rows: line {min(both)} in {own} and another split",
                expected="different lines in each file",
            )
        return included, excluded

    def _line_numbers(self, corpus: str, split: Split) -> set[int]:
        """Returns the lines on which the examples of a split begin."""
        rows = self.corpora[corpus].rows[split]
        return read_line_numbers(self.root, rows, f"data.corpora.{corpus}.rows.{split}")

    def _label(self, corpus: str, path: Path) -> str:
        """Returns a name for a file that no other file of the corpus has."""
        files = {file for split in SPLITS for file in self.files(corpus, split)}
        is_unique = sum(file.name == path.name for file in files) < 2
        return path.name if is_unique else os.path.relpath(path, self.root)

    def _groups(self, corpus: str, censuses: Iterable[Census]) -> Groups:
        """Returns the connected groups of some files."""
        groups = Groups()
        if self.corpora[corpus].joins_groups:
            for census in censuses:
                for group, linked in census.rows.select(("group", "linked"), _all):
                    names = [self._group(corpus, census, name) for name in (group, *linked)]
                    groups.add(names[0], names[1:])
        return groups

    def _group(self, corpus: str, census: Census, group: str) -> str:
        """Returns the name of a group that is unique in the corpus."""
        is_local = self.corpora[corpus].has_local_groups and not group.startswith(OWN_GROUP)
        return f"{self._label(corpus, census.path)}:{group}" if is_local else group


def _all(group: str, line: int | None) -> bool:
    """Returns True: every example of a file belongs to the split."""
    return True
