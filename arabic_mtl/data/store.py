"""The examples of each split, and their cached tables."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset

from arabic_mtl.data.annotations import check_annotations
from arabic_mtl.data.cache import SCHEMA, read_table, read_unlearned, write_table
from arabic_mtl.data.content import content_key, sha256
from arabic_mtl.data.label_sets import check_label_sets
from arabic_mtl.data.slices import check_slices
from arabic_mtl.data.sources import SPLITS, Sources
from arabic_mtl.data.split import require_disjoint
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format, Split
from arabic_mtl.tasks import Task
from arabic_mtl.text import TextPipeline, TextSettings


class Store(Sources):
    """The splits of some corpora, as examples and as encoded tables.

    Args:
        corpora: The corpora, by name.
        tasks: The tasks to learn, by name.
        text: Settings of the pipeline that turns raw text into tokens.
        root: The folder that the corpora's paths are relative to.
        validation_share: The fraction of training groups to hold out if a corpus has no
            validation file; 0 for none.
        split_seed: Seed of the choice of held-out groups.
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
        super().__init__(
            corpora,
            root=root,
            validation_share=validation_share,
            split_seed=split_seed,
            cache=cache,
        )
        self.tasks, self.text_settings = tasks, text
        self._text: TextPipeline | None = None

    def fingerprint(self) -> str:
        """Returns a hash of the training and validation data, equal in all versions."""
        splits: tuple[Split, ...] = ("train", "validation")
        return content_key(
            *(part for split in splits for part in self.identity(split, *self.corpora))
        )

    def statistics(self) -> dict[str, Any]:
        """Returns the file, its SHA-256 and numbers of texts and groups, per corpus and split."""
        statistics: dict[str, Any] = {corpus: {} for corpus in self.corpora}
        for corpus in self.corpora:
            for split in SPLITS:
                if files := self.files(corpus, split):
                    groups = [
                        selection.joined_group(group)
                        for selection in self.selections(corpus, split)
                        for (group,) in selection.select("group")
                    ]
                    sizes = {"texts": len(groups), "groups": len(set(groups))}
                    names, hashes = [path.name for path in files], [sha256(path) for path in files]
                    statistics[corpus][split] = {
                        "file": ", ".join(names),
                        "sha256": hashes[0] if len(hashes) == 1 else content_key(hashes),
                        **sizes,
                    }
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
        files = self.files(corpus, split)
        if not files:
            return
        examples = self.track(self.examples(corpus, split), f"Encoding {corpus} {split}")
        tasks = self._corpus_tasks(corpus)
        try:
            write_table(
                self._table(corpus, split),
                examples,
                tasks,
                self.text,
                source=self.source(corpus, split),
            )
        except InputError as error:
            if error.found == "none" and files == self.files(corpus, "train"):
                error.found = f"none for {split}, with data.validation_share of the groups held out"
                error.expected = "more groups, another share, or a `validation` file"
            raise self.locate(error, corpus, split) from None

    def read(self, split: Split) -> dict[str, Dataset]:
        """Returns the memory-mapped tables of a split, by corpus."""
        return {name: read_table(self._table(name, split)) for name in self.corpora_with(split)}

    def unlearned(self, split: Split) -> Iterator[tuple[str, str, str, int]]:
        """Yields corpus, task, reason and number of annotations that tasks cannot learn."""
        for corpus in self.corpora_with(split):
            for task, reasons in read_unlearned(self._table(corpus, split)).items():
                yield from ((corpus, task, reason, count) for reason, count in reasons.items())

    def check(self, splits: Sequence[Split]) -> None:
        """Reads the files of some splits, and checks the tasks against their annotations.

        Raises:
            InputError: If a file breaks a rule of its format, a task reads a layer that no file
                has, or does not declare a label, the corpora of a task do not say which labels
                they annotate, a slice is no column, or two splits share a group.
        """
        censuses = {corpus: self.all_censuses(corpus, splits) for corpus in self.corpora}
        for corpus, form in self.corpora.items():
            if not form.rows:  # else labels may occur outside of the splits
                check_annotations(corpus, censuses[corpus], self._corpus_tasks(corpus))
        check_label_sets(self.corpora, self.tasks, censuses)
        check_slices(self)
        self._require_disjoint(splits)

    def _require_disjoint(self, splits: Sequence[Split]) -> None:
        """Raises `InputError` if two splits of a corpus share a group.

        Raises:
            InputError: If splits overlap; the message names the files and some of the groups.
        """
        for corpus in self.corpora:
            groups = {
                f"{', '.join(map(str, files))} ({split})": self.group_names(corpus, split)
                for split in splits
                if (files := self.files(corpus, split))
            }
            require_disjoint(corpus, groups)

    def _training_texts(self) -> Iterator[str]:
        """Yields the training texts of all corpora."""
        for corpus in self.corpora:
            yield from self.texts(corpus, "train")

    def _corpus_tasks(self, corpus: str) -> dict[str, Task]:
        """Returns the tasks that read a corpus."""
        return {name: task for name, task in self.tasks.items() if corpus in task.corpora}

    def _text_folder(self) -> Path:
        """Returns the folder of the text pipeline, in the cache unless it was saved by a run."""
        settings = self.text_settings
        if settings.saved is not None:
            return settings.saved
        learned = settings.pretrained is None
        sources = self.identity("train", *self.corpora) if learned else settings.files
        return self.cache / "text" / content_key(SCHEMA, settings.identity, *sources)

    def _table(self, corpus: str, split: Split) -> Path:
        """Returns the path of a table, whose name is a hash of everything that determines it."""
        tasks = {name: task.identity for name, task in self._corpus_tasks(corpus).items()}
        text = [self._text_folder() / name for name in ("text.json", "tokenizer.json")]
        key = content_key(SCHEMA, tasks, *text, *self.identity(split, corpus))
        return self.cache / "tables" / f"{corpus}-{split}-{key}.arrow"
