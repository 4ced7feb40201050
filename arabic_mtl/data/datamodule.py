"""The LightningDataModule: corpora in, batches of all tasks out."""

from pathlib import Path
from typing import Any

import pandas as pd
from datasets import Dataset
from lightning.pytorch import LightningDataModule
from lightning.pytorch.utilities import CombinedLoader
from torch.utils.data import DataLoader

from arabic_mtl.data.check import check_tasks
from arabic_mtl.data.epochs import START, Epochs, Place, PlannedStep, PlannedSteps
from arabic_mtl.data.frames import task_frame
from arabic_mtl.data.lightning_compat import reload_train_loaders, resume_by_epochs
from arabic_mtl.data.plan import Lengths, SamplingPlan
from arabic_mtl.data.progress import Progress, require_fixed_accumulation, trainer_options, updates
from arabic_mtl.data.rows import Tables, items_of, lengths_of, loaders
from arabic_mtl.data.store import Store
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format, Split
from arabic_mtl.model.batch import Batch, Update
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.batch import unite
from arabic_mtl.text import TextPipeline, TextSettings

_NEEDED: dict[str | None, tuple[Split, ...]] = {
    "fit": ("train", "validation", "test"),
    "validate": ("validation",),
    "test": ("test",),
    None: ("train", "validation", "test"),
}
"""Lightning's stage to the splits to prepare; a bad test file should not be found after a fit."""


class MultiTaskData(LightningDataModule):
    """Several tasks on several corpora, served as one stream of batches.

    Args:
        corpora: The texts, by name: format, files and unit.
        tasks: What to learn about them, by name.
        text: Settings of the pipeline that makes tokens of raw text.
        plan: How rows become steps.
        root: The folder that the corpora's paths are relative to.
        validation_share: The part of a training file's reviews to hold out for validation where
            a corpus names no validation file; 0 to train on all of them, and choose no checkpoint.
        split_seed: Which reviews are held out.
        seed: Seed of the order of rows; follows ``seed_everything``.
        num_workers: Loader processes per corpus.
        persistent_workers: Whether they live from epoch to epoch.
        cache: Where encoded corpora are kept between runs.
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
        cache: Path = Path("~/.cache/arabic_mtl"),
    ) -> None:
        super().__init__()
        check_tasks(corpora, tasks)
        if num_workers < 0:
            raise InputError(
                "data.num_workers is a number of processes", found=num_workers, expected="0 or more"
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
        self.tables: dict[Split, dict[str, Dataset]] = {}

    @property
    def text(self) -> TextPipeline:
        """The text pipeline, which is made or loaded when it is first asked for."""
        return self.store.text

    @property
    def paired(self) -> set[str]:
        """The corpora whose texts come in pairs of a sentence and an opinion's target."""
        return {name for name, c in self.store.corpora.items() if c.pair_is == "target"}

    def frames(self, split: Split = "train") -> dict[str, pd.DataFrame]:
        """The recipe's dictionary: task to data frame, one row per label."""
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

    def labelled(self, split: Split) -> list[str]:
        """Returns the tasks that have labelled items in a split, which is set up."""
        items = items_of(self.tables[split], self.tasks)
        found = {name for of_corpus in items.values() for name, n in of_corpus.items() if n.any()}
        return [name for name in self.tasks if name in found]

    def prepare_data(self) -> None:
        """Makes the text pipeline and the tables of the stage, in the cache, once per machine."""
        splits = self._splits(self.trainer.state.fn if self.trainer else None)
        self.store.load_text()
        for split in splits:
            for corpus in self.store.corpora:
                self.store.write(corpus, split)

    def setup(self, stage: str | None = None) -> None:
        """Memory-maps the tables of the stage.

        Raises:
            InputError: If two splits share a review.
        """
        self.store.load_text()
        self.tables |= {split: self.store.read(split) for split in self._splits(stage)}
        self.store.require_apart(self.tables)
        if "train" in self.tables:
            self.epochs, self._began = self._epochs(), Progress()

    def train_dataloader(self) -> CombinedLoader:
        """One loader per corpus, all in step, from where the Trainer is on.

        Raises:
            InputError: If the Trainer would change how many batches make an update.
        """
        place = START
        if self.trainer:
            trainer: Any = self.trainer  # whose stub lacks attributes
            require_fixed_accumulation(trainer)
            place = self._began.of(trainer, self.epochs).place
            if not self.plan.is_even:  # or Lightning would go on with the first epoch's length
                trainer.reload_dataloaders_every_n_epochs = 1
        return CombinedLoader(
            self._loaders(self.tables["train"], self.epochs.steps, place), "min_size"
        )

    def val_dataloader(self) -> CombinedLoader | list[Any]:
        """Every validation row once; nothing where there are none."""
        if not self.tables.get("validation"):
            return []
        return CombinedLoader(self._evaluation(self.tables["validation"]), "min_size")

    def test_dataloader(self) -> CombinedLoader:
        """Every test row once."""
        return CombinedLoader(self._evaluation(self.tables["test"]), "min_size")

    def updates(self) -> int:
        """How many updates of the weights the Trainer will have made in the end.

        Raises:
            InputError: If the Trainer has no end.
        """
        return updates(self.trainer, self.epochs, self._began)

    def state_dict(self) -> dict[str, Any]:
        """How far training has read, and of what: the same in every process."""
        batches, updates, place = self._began.of(self.trainer, self.epochs)
        progress = {"batches": batches, "updates": updates, "place": list(place)}
        return {**progress, "content": self.store.content()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on behind what has been read."""
        batches, updates = state_dict["batches"], state_dict["updates"]
        self._began = Progress(batches, updates, Place(*state_dict["place"]))
        if self.trainer:
            reload_train_loaders(self.trainer)
            resume_by_epochs(self.trainer)

    def on_before_batch_transfer(self, batch: Any, dataloader_idx: int) -> Batch:
        """Joins the rows that the loaders give for a step, and pads them, once."""
        return unite(batch, self.tasks, self.text.pad_id)

    def lengths(self, split: Split) -> Lengths:
        """Corpus to the length of each of its rows, in tokens."""
        return lengths_of(self.tables[split])

    def _splits(self, stage: str | None) -> list[Split]:
        self.store.require(_NEEDED[stage][0])
        return [split for split in _NEEDED[stage] if self.store.corpora_with(split)]

    def _epochs(self) -> Epochs:
        """What the Trainer takes of the plan."""
        items = items_of(self.tables["train"], self.tasks)
        options = trainer_options(self.trainer) if self.trainer else {}
        return Epochs(self.plan, self.lengths("train"), self.seed, items, **options)

    def _evaluation(self, tables: Tables) -> dict[str, DataLoader[Any]]:
        steps = self.plan.evaluation_steps(lengths_of(tables))
        planned = [PlannedStep(step, Update(0, {})) for step in steps]
        return self._loaders(tables, lambda epoch: planned)

    def _loaders(
        self, tables: Tables, steps: PlannedSteps, place: Place = START
    ) -> dict[str, DataLoader[Any]]:
        trainer = self.trainer
        rank, world_size = (trainer.global_rank, trainer.world_size) if trainer else (0, 1)
        options = {"num_workers": self.num_workers, "persistent_workers": self.persistent_workers}
        return loaders(tables, steps, rank=rank, world_size=world_size, place=place, **options)
