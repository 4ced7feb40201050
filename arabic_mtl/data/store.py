"""The examples of each split, and their cached tables."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from datasets import Dataset

from arabic_mtl.data.cache import SCHEMA, content_key, read_table, sha256, write_table
from arabic_mtl.data.split import is_held_out, require_disjoint
from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format, Split
from arabic_mtl.tasks import Task
from arabic_mtl.text import TextPipeline, TextSettings

_T = TypeVar("_T")


class Track(Protocol):
    """A function that yields items unchanged and shows progress."""

    def __call__(self, items: Iterable[_T], title: str) -> Iterable[_T]:
        """Returns the items.

        Args:
            items: The items to process.
            title: The name of the work, to show.
        """
        ...


def _untracked(items: Iterable[_T], title: str) -> Iterable[_T]:
    """Returns the items, without showing progress."""
    return items


class Store:
    """The splits of some corpora, as examples and as encoded tables.

    Args:
        corpora: The corpora, by name.
        tasks: The tasks to learn, by name.
        text: Settings of the pipeline that turns raw text into tokens.
        root: The folder that the corpora's paths are relative to.
        validation_share: The fraction of training reviews to hold out if a corpus has no
            validation file; 0 for none.
        split_seed: Seed of the choice of held-out reviews.
        cache: The folder of text pipelines and tables.
    """

    def __init__(
        self,
        corpora: dict[str, Format],
        tasks: dict[str, Task],
        text: TextSettings,
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
        self.corpora, self.tasks, self.text_settings, self.root = corpora, tasks, text, root
        self.validation_share, self.split_seed = validation_share, split_seed
        self.cache = cache.expanduser()
        self._text: TextPipeline | None = None
        self.track: Track = _untracked
        """Shows the progress of slow work; the command line sets a progress bar."""

    def source(self, corpus: str, split: Split) -> Path | None:
        """Returns the file of a split, or None; held-out reviews are in the training file.

        Raises:
            InputError: If the configured file does not exist.
        """
        name: Path | None = getattr(self.corpora[corpus], split)
        if name is None:
            held_out = split == "validation" and self.validation_share > 0
            return self.source(corpus, "train") if held_out else None
        path = self.root / name
        if not path.is_file():
            raise InputError(
                "a corpus's file must exist",
                found=f"data.corpora.{corpus}.{split}: no file at {path}",
                expected=f"a file; {name} is relative to data.root, which is {self.root}",
            )
        return path

    def corpora_with(self, split: Split) -> list[str]:
        """Returns the corpora that have a split."""
        return [name for name in self.corpora if self.source(name, split)]

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

    def fingerprint(self) -> str:
        """Returns a hash of the training and validation data, equal in all versions."""
        splits: tuple[Split, ...] = ("train", "validation")
        return content_key(
            *(part for split in splits for part in self._identity(split, *self.corpora))
        )

    def examples(self, corpus: str, split: Split) -> Iterator[Example]:
        """Returns an iterator over a split's examples, empty if the corpus has no such split."""
        path = self.source(corpus, split)
        examples = self.corpora[corpus].read(path) if path else iter(())
        return (example for example in examples if self.is_in(split, corpus, example.group))

    def is_in(self, split: Split, corpus: str, group: str) -> bool:
        """Returns whether a review in the split's file belongs to the split."""
        if self.corpora[corpus].validation is not None or split not in ("train", "validation"):
            return True
        held_out = is_held_out(group, share=self.validation_share, seed=self.split_seed)
        return held_out == (split == "validation")

    def statistics(self) -> dict[str, Any]:
        """Returns the file, its SHA-256 and numbers of texts and groups, per corpus and split."""
        splits: tuple[Split, ...] = ("train", "validation", "test")
        statistics: dict[str, Any] = {corpus: {} for corpus in self.corpora}
        for corpus in self.corpora:
            for split in splits:
                if (path := self.source(corpus, split)) is not None:
                    groups = [example.group for example in self.examples(corpus, split)]
                    sizes = {"texts": len(groups), "groups": len(set(groups))}
                    statistics[corpus][split] = {"file": path.name, "sha256": sha256(path), **sizes}
        return statistics

    @property
    def text(self) -> TextPipeline:
        """Returns the text pipeline that was loaded last; loads it at the first access."""
        return self._text or self.load_text()

    def load_text(self) -> TextPipeline:
        """Loads the text pipeline of the current corpora; creates it if the cache lacks it."""
        settings, folder = self.text_settings, self._text_folder()
        if settings.saved is not None:
            self._text = TextPipeline.load(folder, settings.max_length)
        else:
            self._text = TextPipeline.create(folder, settings, self._training_texts)
        return self._text

    def write(self, corpus: str, split: Split) -> None:
        """Encodes a split and writes its table, unless the cache has it.

        Raises:
            InputError: If the split has no labelled text, or a label is not declared.
        """
        source = self.source(corpus, split)
        if source is None:
            return
        examples = self.track(self.examples(corpus, split), f"Encoding {corpus} {split}")
        try:
            write_table(
                self._table(corpus, split),
                examples,
                self._corpus_tasks(corpus),
                self.text,
                source=source,
            )
        except InputError as error:
            if error.found == "none" and source == self.source(corpus, "train"):
                error.found = (
                    f"none for {split}, with data.validation_share of the reviews held out"
                )
                error.expected = "more reviews, another share, or a `validation` file"
            raise

    def read(self, split: Split) -> dict[str, Dataset]:
        """Returns the memory-mapped tables of a split, by corpus."""
        return {name: read_table(self._table(name, split)) for name in self.corpora_with(split)}

    def require_disjoint(self, tables: Mapping[Split, Mapping[str, Dataset]]) -> None:
        """Raises `InputError` if two splits of a corpus share a review.

        Args:
            tables: Split to corpus to table.

        Raises:
            InputError: If splits overlap; the message names the files and some of the reviews.
        """
        for corpus in self.corpora:
            groups = {
                f"{self.source(corpus, split)} ({split})": corpora[corpus].unique("group")
                for split, corpora in tables.items()
                if corpus in corpora
            }
            require_disjoint(corpus, groups)

    def _training_texts(self) -> Iterator[str]:
        """Yields the training texts of all corpora."""
        for corpus in self.corpora:
            yield from (example.text for example in self.examples(corpus, "train"))

    def _corpus_tasks(self, corpus: str) -> dict[str, Task]:
        """Returns the tasks that read a corpus."""
        return {name: task for name, task in self.tasks.items() if corpus in task.corpora}

    def _text_folder(self) -> Path:
        """Returns the folder of the text pipeline, in the cache unless it was saved by a run."""
        settings = self.text_settings
        if settings.saved is not None:
            return settings.saved
        learned = settings.pretrained is None
        sources = self._identity("train", *self.corpora) if learned else settings.files
        return self.cache / "text" / content_key(SCHEMA, settings.identity, *sources)

    def _table(self, corpus: str, split: Split) -> Path:
        """Returns the path of a table, whose name is a hash of everything that determines it."""
        tasks = {name: task.identity for name, task in self._corpus_tasks(corpus).items()}
        text = [self._text_folder() / name for name in ("text.json", "tokenizer.json")]
        key = content_key(SCHEMA, tasks, *text, *self._identity(split, corpus))
        return self.cache / "tables" / f"{corpus}-{split}-{key}.arrow"

    def _identity(self, split: Split, *corpora: str) -> list[Any]:
        """Returns all that determines a split's examples: formats, files, held-out reviews."""
        formats = [self.corpora[name].identity for name in corpora]
        files = [path for name in corpora if (path := self.source(name, split))]
        shared = [self.corpora[name].validation is None for name in corpora]
        return [formats, split, shared, self.validation_share, self.split_seed, *files]
