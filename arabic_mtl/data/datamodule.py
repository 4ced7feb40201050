"""The LightningDataModule: reads corpora and serves batches for all tasks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from datasets import Dataset
from lightning.pytorch import LightningDataModule
from lightning.pytorch.utilities import CombinedLoader
from torch.utils.data import DataLoader

from arabic_mtl.data.check import check_tasks
from arabic_mtl.data.epochs import START, Epochs, PlannedStep, PlannedSteps, Position
from arabic_mtl.data.frames import task_frame
from arabic_mtl.data.lightning_compat import reload_train_loaders, resume_by_epochs
from arabic_mtl.data.plan import Lengths, SamplingPlan
from arabic_mtl.data.progress import Progress, require_fixed_accumulation, trainer_options, updates
from arabic_mtl.data.rows import Tables, item_counts, loaders, row_lengths
from arabic_mtl.data.slices import slice_values
from arabic_mtl.data.store import Store
from arabic_mtl.errors import InputError
from arabic_mtl.files import CACHE
from arabic_mtl.formats import Format, Split
from arabic_mtl.model.batch import Batch, Update
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.batch import CorpusRows, collate
from arabic_mtl.tasks.partial import label_sets
from arabic_mtl.text import TextPipeline, TextSettings

_NEEDED: dict[str | None, tuple[Split, ...]] = {
    "fit": ("train", "validation", "test"),
    "validate": ("validation",),
    "test": ("test",),
    None: ("train", "validation", "test"),
}
"""Lightning's stage to the splits to prepare; for a fit also the test split, to fail early."""


class MultiTaskData(LightningDataModule):
    """The data of several tasks on several corpora, served as one stream of batches.

    Args:
        corpora: The corpora, by name: format, files and unit.
        tasks: The tasks to learn, by name.
        text: Settings of the pipeline that turns raw text into tokens.
        plan: How the rows of the corpora are sampled and grouped into steps.
        root: The folder that the corpora's paths are relative to.
        validation_share: The fraction of a training file's groups, such as reviews, to hold out for
            validation if a corpus has no validation file; with 0, all texts are used for training,
            and there is no best checkpoint.
        split_seed: Seed of the choice of held-out groups.
        seed: Seed of the order of rows; follows ``seed_everything``.
        num_workers: Number of loader processes per corpus.
        persistent_workers: Whether loader processes are kept from epoch to epoch.
        cache: Folder of encoded corpora, kept between runs.
    """

    def __init__(
        self,
        corpora: dict[str, Format],
        tasks: dict[str, Task],
        text: TextSettings,
        plan: SamplingPlan = SamplingPlan(),  # noqa: B008 - frozen
        root: Path = Path(),
        validation_share: float = 0.1,
        split_seed: int = 0,
        seed: int = 0,
        num_workers: int = 0,
        persistent_workers: bool = True,
        cache: Path = CACHE,
    ) -> None:
        super().__init__()
        check_tasks(corpora, tasks)
        if num_workers < 0:
            raise InputError(
                "data.num_workers must not be negative",
                found=num_workers,
                expected="0 or more",
            )
        self.tasks, self.plan = tasks, plan
        self.seed, self.num_workers = seed, num_workers
        self.persistent_workers = persistent_workers and num_workers > 0
        used = {corpus for task in tasks.values() for corpus in task.corpora}
        self.store = Store(
            {name: corpus for name, corpus in corpora.items() if name in used},
            tasks,
            text,
            root=root,
            validation_share=validation_share,
            split_seed=split_seed,
            cache=cache,
        )
        plan.require(self.store.corpora)
        annotates = {name: corpus.annotates for name, corpus in self.store.corpora.items()}
        self.label_sets = label_sets(tasks, annotates)
        self.tables: dict[Split, dict[str, Dataset]] = {}

    @property
    def text(self) -> TextPipeline:
        """Returns the text pipeline, which is created or loaded at the first access."""
        return self.store.text

    @property
    def pairs(self) -> dict[str, str]:
        """Returns corpus to what the second texts of its pairs are: a ``target`` or a ``text``."""
        kinds = {name: corpus.pair_is for name, corpus in self.store.corpora.items()}
        return {name: kind for name, kind in kinds.items() if kind}

    @property
    def credits(self) -> dict[str, dict[str, str]]:
        """Returns corpus to its ``source`` and its ``license``, as far as they are stated."""
        return {
            name: {key: text for key in ("source", "license") if (text := getattr(form, key))}
            for name, form in self.store.corpora.items()
            if form.source or form.license
        }

    def slice_values(self, corpus: str, split: Split) -> dict[str, dict[str, str]]:
        """Returns the id of each text of a split to its values of the corpus's slices."""
        return slice_values(self.store, corpus, split)

    def frames(self, split: Split = "train") -> dict[str, pd.DataFrame]:
        """Returns the recipe's dictionary: task to data frame, with one row per label."""
        return {
            name: pd.concat(
                [
                    task_frame(
                        task, self.store.examples(corpus, split), self.store.source(corpus, split)
                    )
                    for corpus in task.corpora
                ],
                ignore_index=True,
            )
            for name, task in self.tasks.items()
        }

    def labelled_tasks(self, split: Split) -> list[str]:
        """Returns the tasks with labelled items in a split; `setup` must have read the split."""
        items = item_counts(self.tables[split], self.tasks)
        labelled = {
            name for counts in items.values() for name, count in counts.items() if count.any()
        }
        return [name for name in self.tasks if name in labelled]

    def prepare_data(self) -> None:
        """Writes the text pipeline and the tables of the stage to the cache, once per machine.

        Raises:
            InputError: If a file breaks a rule, or tasks do not fit the annotations of the files.
        """
        splits = self._require_splits(self.trainer.state.fn if self.trainer else None)
        self.store.check(splits)
        self.store.load_text()
        for split in splits:
            for corpus in self.store.corpora:
                self.store.write(corpus, split)

    def setup(self, stage: str | None = None) -> None:
        """Memory-maps the tables of the stage."""
        self.store.load_text()
        self.tables |= {split: self.store.read(split) for split in self._require_splits(stage)}
        if "train" in self.tables:
            self.epochs, self._start = self._plan_epochs(), Progress()

    def train_dataloader(self) -> CombinedLoader:
        """Returns one loader per corpus, which start at the Trainer's current position.

        Raises:
            InputError: If the number of batches per optimizer step may change during training.
        """
        position = START
        if self.trainer:
            trainer: Any = self.trainer  # the type stub lacks attributes
            require_fixed_accumulation(trainer)
            position = Progress.from_trainer(trainer, self.epochs, self._start).position
            if not self.plan.is_even:  # else Lightning would keep the first epoch's length
                trainer.reload_dataloaders_every_n_epochs = 1
        return CombinedLoader(
            self._loaders(self.tables["train"], self.epochs.steps, position), "min_size"
        )

    def val_dataloader(self) -> CombinedLoader | list[Any]:
        """Returns loaders of every validation row; an empty list if there is none."""
        if not self.tables.get("validation"):
            return []
        return CombinedLoader(self._evaluation_loaders(self.tables["validation"]), "min_size")

    def test_dataloader(self) -> CombinedLoader:
        """Returns loaders of every test row."""
        return CombinedLoader(self._evaluation_loaders(self.tables["test"]), "min_size")

    def updates(self) -> int:
        """Returns the number of optimizer steps at the end of training.

        Raises:
            InputError: If the Trainer limits neither epochs nor steps.
        """
        return updates(self.trainer, self.epochs, self._start)

    def state_dict(self) -> dict[str, Any]:
        """Returns the progress of training and the data's fingerprint, equal in all processes."""
        progress = Progress.from_trainer(self.trainer, self.epochs, self._start)
        batches, updates, position = progress
        state = {"batches": batches, "updates": updates, "position": list(position)}
        return {**state, "fingerprint": self.store.fingerprint()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restores the progress of training, so that the loaders start after the rows read."""
        batches, updates = state_dict["batches"], state_dict["updates"]
        self._start = Progress(batches, updates, Position(*state_dict["position"]))
        if self.trainer:
            reload_train_loaders(self.trainer)
            resume_by_epochs(self.trainer)

    def on_before_batch_transfer(self, batch: Any, dataloader_idx: int) -> Batch:
        """Joins the rows of all loaders into one padded batch."""
        return self.collate(batch)

    def collate(self, parts: Mapping[str, CorpusRows]) -> Batch:
        """Joins rows of the corpora into one padded batch."""
        return collate(parts, self.tasks, self.text.pad_id, self.label_sets)

    def lengths(self, split: Split) -> Lengths:
        """Returns the length of each row of each corpus, in tokens."""
        return row_lengths(self.tables[split])

    def _require_splits(self, stage: str | None) -> list[Split]:
        """Returns the splits to prepare for a stage; raises `InputError` if its own is missing."""
        self.store.require(_NEEDED[stage][0])
        return [split for split in _NEEDED[stage] if self.store.corpora_with(split)]

    def _plan_epochs(self) -> Epochs:
        """Returns the epochs that the plan and the Trainer's options result in."""
        items = item_counts(self.tables["train"], self.tasks)
        options = trainer_options(self.trainer) if self.trainer else {}
        return Epochs(self.plan, self.lengths("train"), self.seed, items, **options)

    def _evaluation_loaders(self, tables: Tables) -> dict[str, DataLoader[Any]]:
        """Returns loaders of every row, once."""
        steps = self.plan.evaluation_steps(row_lengths(tables))
        planned = [PlannedStep(step, Update(0, {})) for step in steps]
        return self._loaders(tables, lambda epoch: planned)

    def _loaders(
        self, tables: Tables, steps: PlannedSteps, position: Position = START
    ) -> dict[str, DataLoader[Any]]:
        """Returns one loader per corpus, for this process."""
        trainer = self.trainer
        rank, world_size = (trainer.global_rank, trainer.world_size) if trainer else (0, 1)
        options = {"num_workers": self.num_workers, "persistent_workers": self.persistent_workers}
        return loaders(
            tables, steps, rank=rank, world_size=world_size, position=position, **options
        )
