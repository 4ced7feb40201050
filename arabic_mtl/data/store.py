"""Which examples a split has, and the cached tables that hold them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from datasets import Dataset

from arabic_mtl.data.cache import content_key, read_table, sha256, write_table
from arabic_mtl.data.split import is_held_out, require_apart
from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format, Split
from arabic_mtl.tasks import Task
from arabic_mtl.text import TextPipeline, TextSettings

_T = TypeVar("_T")


class Track(Protocol):
    """Passes items on one by one, and shows how many are done."""

    def __call__(self, items: Iterable[_T], title: str) -> Iterable[_T]:
        """Returns the items."""
        ...


def _untracked(items: Iterable[_T], title: str) -> Iterable[_T]:
    return items


class Store:
    """The splits of some corpora, as examples and as encoded tables.

    Args:
        corpora: The texts, by name.
        tasks: What is to be learned about them, by name.
        text: Settings of the pipeline that makes tokens of raw text.
        root: The folder that the corpora's paths are relative to.
        validation_share: The part of the training reviews to hold out where a corpus names no
            validation file; 0 for none.
        split_seed: Which reviews are held out.
        cache: The folder of the tables.
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
                "data.validation_share is a part of the training reviews",
                found=validation_share,
                expected="from 0 to below 1; to validate on a file, name it as `validation`",
            )
        self.corpora, self.tasks, self.text_settings, self.root = corpora, tasks, text, root
        self.validation_share, self.split_seed = validation_share, split_seed
        self.cache = cache.expanduser()
        self._text: TextPipeline | None = None
        self.track: Track = _untracked
        """Shows how far long work is; the command line puts a progress bar here."""

    def source(self, corpus: str, split: Split) -> Path | None:
        """The file that a split is read from; held-out reviews come from the training file.

        Raises:
            InputError: If the file is named and does not exist.
        """
        name: Path | None = getattr(self.corpora[corpus], split)
        if name is None:
            held_out = split == "validation" and self.validation_share > 0
            return self.source(corpus, "train") if held_out else None
        path = self.root / name
        if not path.is_file():
            raise InputError(
                "a corpus's file exists",
                found=f"data.corpora.{corpus}.{split}: no file at {path}",
                expected=f"a file; {name} is looked up in data.root, which is {self.root}",
            )
        return path

    def corpora_with(self, split: Split) -> list[str]:
        """The corpora that have a split."""
        return [name for name in self.corpora if self.source(name, split)]

    def require(self, split: Split) -> None:
        """Refuses to go on without a split; training wants it from every corpus.

        Raises:
            InputError: Naming the option that is not set.
        """
        lacking = [name for name in self.corpora if name not in self.corpora_with(split)]
        if lacking and (split == "train" or len(lacking) == len(self.corpora)):
            raise InputError(
                f"the corpora name their {split} files",
                found=f"no `{split}` under data.corpora.{', '.join(lacking)}",
                expected=f"--data.corpora.{lacking[0]}.{split}=FILE",
            )

    def content(self) -> str:
        """A name for all that is learned from and chosen by, which other bytes would not have."""
        splits: tuple[Split, ...] = ("train", "validation")
        return content_key(*(part for s in splits for part in self._identity(s, *self.corpora)))

    def examples(self, corpus: str, split: Split) -> Iterator[Example]:
        """Streams a split's examples; nothing where the corpus has no such split."""
        path = self.source(corpus, split)
        examples = self.corpora[corpus].read(path) if path else iter(())
        return (e for e in examples if self.is_in(split, corpus, e.group))

    def is_in(self, split: Split, corpus: str, group: str) -> bool:
        """Whether a review of the split's file is of the split, and not of the file's other one."""
        if self.corpora[corpus].validation is not None or split not in ("train", "validation"):
            return True
        held_out = is_held_out(group, share=self.validation_share, seed=self.split_seed)
        return held_out == (split == "validation")

    def statistics(self) -> dict[str, Any]:
        """Corpus to split to its file, the file's SHA-256, and how many texts and groups it has."""
        splits: tuple[Split, ...] = ("train", "validation", "test")
        found: dict[str, Any] = {corpus: {} for corpus in self.corpora}
        for corpus in self.corpora:
            for split in splits:
                if (path := self.source(corpus, split)) is not None:
                    groups = [example.group for example in self.examples(corpus, split)]
                    sizes = {"texts": len(groups), "groups": len(set(groups))}
                    found[corpus][split] = {"file": path.name, "sha256": sha256(path), **sizes}
        return found

    @property
    def text(self) -> TextPipeline:
        """The text pipeline: the one that was loaded last, or else the corpora's as they are."""
        return self._text or self.load_text()

    def load_text(self) -> TextPipeline:
        """Loads the text pipeline of the corpora as they are, and makes it first if need be."""
        settings, folder = self.text_settings, self._text_folder()
        if settings.saved is not None:
            self._text = TextPipeline.load(folder, settings.max_length)
        else:
            self._text = TextPipeline.create(folder, settings, self._training_texts)
        return self._text

    def write(self, corpus: str, split: Split) -> None:
        """Encodes a split into its table, unless the cache has it."""
        source = self.source(corpus, split)
        if source is None:
            return
        examples = self.track(self.examples(corpus, split), f"Encoding {corpus} {split}")
        try:
            write_table(
                self._table(corpus, split),
                examples,
                self._tasks_of(corpus),
                self.text,
                source=source,
            )
        except InputError as error:
            if error.found == "none" and source == self.source(corpus, "train"):
                error.found = f"none for {split}, of the reviews that data.validation_share divides"
                error.expected = "more reviews, another share, or a `validation` file"
            raise

    def read(self, split: Split) -> dict[str, Dataset]:
        """Memory-maps the tables of a split: corpus to table."""
        return {name: read_table(self._table(name, split)) for name in self.corpora_with(split)}

    def require_apart(self, tables: Mapping[Split, Mapping[str, Dataset]]) -> None:
        """Refuses splits of a corpus that share a review.

        Raises:
            InputError: Naming the files and some of the reviews.
        """
        for corpus in self.corpora:
            groups = {
                f"{self.source(corpus, split)} ({split})": of_split[corpus].unique("group")
                for split, of_split in tables.items()
                if corpus in of_split
            }
            require_apart(corpus, groups)

    def _training_texts(self) -> Iterator[str]:
        for corpus in self.corpora:
            yield from (example.text for example in self.examples(corpus, "train"))

    def _tasks_of(self, corpus: str) -> dict[str, Task]:
        return {name: task for name, task in self.tasks.items() if corpus in task.corpora}

    def _text_folder(self) -> Path:
        settings = self.text_settings
        if settings.saved is not None:
            return settings.saved
        learned = settings.pretrained is None
        sources = self._identity("train", *self.corpora) if learned else settings.files
        return self.cache / "text" / content_key(settings.identity, *sources)

    def _table(self, corpus: str, split: Split) -> Path:
        tasks = {name: task.identity for name, task in self._tasks_of(corpus).items()}
        text = [self._text_folder() / name for name in ("text.json", "tokenizer.json")]
        key = content_key(tasks, *text, *self._identity(split, corpus))
        return self.cache / "tables" / f"{corpus}-{split}-{key}.arrow"

    def _identity(self, split: Split, *corpora: str) -> list[Any]:
        """What decides a split's examples: formats, bytes, and which reviews are held out."""
        formats = [self.corpora[name].identity for name in corpora]
        files = [path for name in corpora if (path := self.source(name, split))]
        shared = [self.corpora[name].validation is None for name in corpora]
        return [formats, split, shared, self.validation_share, self.split_seed, *files]
