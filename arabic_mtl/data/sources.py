"""The examples of each split of the corpora, from files that are read once."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from arabic_mtl.data.census import SCHEMA, Census, take_census
from arabic_mtl.data.content import content_key
from arabic_mtl.data.files import read_line_numbers, require_lines, split_files
from arabic_mtl.data.selection import Selection
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
                "data.validation_share must be a fraction of the training texts",
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

    def all_censuses(self, corpus: str, splits: Sequence[Split] = SPLITS) -> list[Census]:
        """Returns the census of each file of a corpus, once even if splits share the file."""
        paths = dict.fromkeys(path for split in splits for path in self.files(corpus, split))
        return [self._census(corpus, path) for path in paths]

    def selections(self, corpus: str, split: Split) -> list[Selection]:
        """Returns the examples that each file of a split has for it.

        The ids of a split with several files begin with the name of the file.
        """
        form, groups, labels = self.corpora[corpus], Groups(), self._labels(corpus)
        included, excluded = self._lines(corpus, split)
        censuses = self.censuses(corpus, split)
        selections = []
        for census in censuses:
            label = f"{labels[census.path]}:"
            if included is not None:
                require_lines(included, census.rows, f"data.corpora.{corpus}.rows.{split}")
            selections.append(
                Selection(
                    census=census,
                    prefix=label if len(censuses) > 1 else "",
                    group_prefix=label if form.has_local_groups else "",
                    groups=groups,
                    included=included,
                    excluded=excluded,
                    keeps=self._keeps(corpus, split),
                )
            )
        for selection in selections if form.joins_groups else ():
            selection.join_groups()
        return selections

    def examples(self, corpus: str, split: Split) -> Iterator[Example]:
        """Yields the examples of a split; none if the corpus has no such split."""
        for selection in self.selections(corpus, split):
            yield from selection.examples()

    def texts(self, corpus: str, split: Split) -> Iterator[str]:
        """Yields the texts of a split."""
        for selection in self.selections(corpus, split):
            yield from (text for (text,) in selection.select("text"))

    def group_names(self, corpus: str, split: Split) -> set[str]:
        """Returns the names of the groups of a split, without joining connected ones.

        Groups of equal texts are left out, so that memory does not grow with the number of texts.
        """
        return {
            selection.unique_group(name)
            for selection in self.selections(corpus, split)
            for group, linked in selection.select("group", "linked")
            for name in (group, *linked)
            if not name.startswith(OWN_GROUP)
        }

    def locate(self, error: InputError, corpus: str, split: Split) -> InputError:
        """Fills in the file of an error in an example of a split; returns the error."""
        files, labels = self.files(corpus, split), self._labels(corpus)
        name = str(error.sentence or "")
        own = [path for path in files if len(files) == 1 or name.startswith(f"{labels[path]}:")]
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
                labels = self._labels(name)
                identity.append([labels[path] for path in own])
        return identity

    def _census(self, corpus: str, path: Path) -> Census:
        """Returns the census of a file."""
        form = self.corpora[corpus]
        key = content_key(SCHEMA, form.identity, path.name, path)
        rows = self.cache / "files" / f"{corpus}-{key}.arrow"
        return take_census(form, path, rows, partial(self.track, title=f"Reading {path.name}"))

    def _keeps(self, corpus: str, split: Split) -> Callable[[str], bool] | None:
        """Returns the function that decides whether a group belongs to a split; None for all."""
        if split == "test" or not self._holds_out(corpus):
            return None
        share, seed = self.validation_share, self.split_seed
        is_validation = split == "validation"
        return lambda group: is_held_out(group, share=share, seed=seed) == is_validation

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

    def _labels(self, corpus: str) -> dict[Path, str]:
        """Returns a name for each file of a corpus that no other file of it has."""
        files = {file for split in SPLITS for file in self.files(corpus, split)}
        counts = Counter(file.name for file in files)
        return {
            file: file.name if counts[file.name] == 1 else os.path.relpath(file, self.root)
            for file in files
        }
