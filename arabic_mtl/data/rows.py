"""Cached tables as what loaders read: the rows of one step at a time."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

import numpy as np
from datasets import Dataset
from torch.utils.data import DataLoader, DistributedSampler, SequentialSampler
from torch.utils.data import Dataset as TorchDataset

from arabic_mtl.data.epochs import START, Place, PlannedSteps
from arabic_mtl.data.plan import Lengths
from arabic_mtl.data.shares import Counts
from arabic_mtl.model.batch import Update
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.batch import Part

Tables = Mapping[str, Dataset]
"""Corpus to its encoded rows."""


class Share(NamedTuple):
    """What one process reads of one corpus for one step."""

    rows: list[int]
    update: Update


class PlanSampler(DistributedSampler[Any], SequentialSampler):
    """Yields a process's share of each step.

    It calls itself both a `DistributedSampler` and a `SequentialSampler`, because Lightning
    leaves the one in place under every strategy, tells it the epoch, and leaves the other in
    place where it overfits batches.

    Args:
        steps: Epoch to the steps of all processes.
        corpus: Whose rows to yield.
        rank: The number of this process.
        world_size: How many processes there are.
        place: The epoch and the step to begin with: where a run was broken off.
    """

    def __init__(
        self,
        steps: PlannedSteps,
        corpus: str,
        *,
        rank: int,
        world_size: int,
        place: Place = START,
    ) -> None:
        # The base class only keeps these; which rows there are is the plan's to say.
        super().__init__(cast(Any, []), num_replicas=world_size, rank=rank)
        self.steps, self.corpus = steps, corpus
        self.epoch, self._start = place

    def __iter__(self) -> Iterator[Share]:  # type: ignore[override]
        """A share per step; without rows where the step has none of the corpus."""
        start, self._start = self._start, 0
        for step, update in self.steps(self.epoch)[start:]:
            rows = [(corpus, row) for corpus in step for row in step[corpus]]
            own = rows[self.rank :: self.num_replicas]
            yield Share([row for corpus, row in own if corpus == self.corpus], update)

    def __len__(self) -> int:
        """The steps of the whole epoch, as Lightning's count of batches wants it."""
        return len(self.steps(self.epoch))


class Rows(TorchDataset[Part]):
    """The rows of one corpus, by a process's share of a step."""

    def __init__(self, table: Dataset) -> None:
        self.table = table

    def __getitem__(self, share: Share) -> Part:
        """The columns of the share's rows, or none if there are none."""
        return Part(self.table[share.rows] if share.rows else None, share.update)


def loaders(
    tables: Tables,
    steps: PlannedSteps,
    *,
    rank: int,
    world_size: int,
    place: Place = START,
    **options: Any,
) -> dict[str, DataLoader[Any]]:
    """One loader per corpus, whose items are what a process reads of it for a step.

    Args:
        tables: The corpora.
        steps: Epoch to its steps.
        rank: The number of this process.
        world_size: How many processes there are.
        place: The epoch and the step to begin with.
        options: Of the `DataLoader`.
    """
    return {
        corpus: DataLoader(
            Rows(table),
            sampler=PlanSampler(steps, corpus, rank=rank, world_size=world_size, place=place),
            batch_size=None,
            collate_fn=_unchanged,
            **options,
        )
        for corpus, table in tables.items()
    }


def lengths_of(tables: Tables) -> Lengths:
    """Corpus to the length of each of its rows, in tokens."""
    chunks = {corpus: table.data.column("input_ids").chunks for corpus, table in tables.items()}
    return {
        corpus: np.concatenate([ids.value_lengths() for ids in of_corpus]).astype(np.int64)
        for corpus, of_corpus in chunks.items()
    }


def items_of(tables: Tables, tasks: Mapping[str, Task]) -> dict[str, dict[str, Counts]]:
    """Corpus to task to the number of labelled items in each row."""
    return {
        corpus: {
            name: table.data.column(f"items_{name}").to_numpy()  # row by row it would take a second
            for name, task in tasks.items()
            if corpus in task.corpora
        }
        for corpus, table in tables.items()
    }


def _unchanged(item: Any) -> Any:
    """Keeps a loader from turning each number into a tensor: batches are joined later."""
    return item
