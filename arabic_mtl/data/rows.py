"""Loaders that read the rows of one step at a time from cached tables."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

import numpy as np
from datasets import Dataset
from torch.utils.data import DataLoader, DistributedSampler, SequentialSampler
from torch.utils.data import Dataset as TorchDataset

from arabic_mtl.data.epochs import START, PlannedSteps, Position
from arabic_mtl.data.plan import Lengths
from arabic_mtl.data.shares import Counts
from arabic_mtl.model.batch import Update
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.batch import CorpusRows

Tables = Mapping[str, Dataset]
"""Corpus to the table of its encoded rows."""


class Share(NamedTuple):
    """The rows of a corpus that one process reads for a step.

    Args:
        rows: Their indices in the corpus's table.
        update: The optimizer step that the step is part of.
    """

    rows: list[int]
    update: Update


class PlanSampler(DistributedSampler[Any], SequentialSampler):
    """A sampler that yields a process's share of each step.

    It inherits from two samplers, because Lightning replaces all others: a `DistributedSampler`
    is kept under every strategy, and has its epoch set; a `SequentialSampler` is kept with
    ``overfit_batches``.

    Args:
        steps: Function from an epoch to the steps of all processes.
        corpus: The corpus whose rows are sampled.
        rank: The index of this process.
        world_size: The number of processes.
        position: The first epoch and step: later than the start if a run is resumed.
    """

    def __init__(
        self,
        steps: PlannedSteps,
        corpus: str,
        *,
        rank: int,
        world_size: int,
        position: Position = START,
    ) -> None:
        # The base class only stores these arguments; the plan determines the rows.
        super().__init__(cast(Any, []), num_replicas=world_size, rank=rank)
        self.steps, self.corpus = steps, corpus
        self.epoch, self._start = position

    def __iter__(self) -> Iterator[Share]:  # type: ignore[override]
        """Yields a share per step; it has no rows if the step has none of the corpus."""
        start, self._start = self._start, 0
        for step, update in self.steps(self.epoch)[start:]:
            rows = [(corpus, row) for corpus in step for row in step[corpus]]
            own = rows[self.rank :: self.num_replicas]
            yield Share([row for corpus, row in own if corpus == self.corpus], update)

    def __len__(self) -> int:
        """Returns the number of steps of the whole epoch, as Lightning expects."""
        return len(self.steps(self.epoch))


class Rows(TorchDataset[CorpusRows]):
    """A data set whose items are a process's shares of steps.

    Args:
        table: The encoded rows of one corpus.
    """

    def __init__(self, table: Dataset) -> None:
        self.table = table

    def __getitem__(self, share: Share) -> CorpusRows:
        """Returns the columns of a share's rows; None for a share without rows."""
        return CorpusRows(self.table[share.rows] if share.rows else None, share.update)


def loaders(
    tables: Tables,
    steps: PlannedSteps,
    *,
    rank: int,
    world_size: int,
    position: Position = START,
    **options: Any,
) -> dict[str, DataLoader[Any]]:
    """Returns one loader per corpus; its items are the rows that a process reads for a step.

    Args:
        tables: Corpus to the table of its encoded rows.
        steps: Function from an epoch to its steps.
        rank: The index of this process.
        world_size: The number of processes.
        position: The first epoch and step.
        options: Options of `DataLoader`.
    """
    return {
        corpus: DataLoader(
            Rows(table),
            sampler=PlanSampler(steps, corpus, rank=rank, world_size=world_size, position=position),
            batch_size=None,
            collate_fn=_unchanged,
            **options,
        )
        for corpus, table in tables.items()
    }


def row_lengths(tables: Tables) -> Lengths:
    """Returns the length of each row of each corpus, in tokens."""
    chunks = {corpus: table.data.column("input_ids").chunks for corpus, table in tables.items()}
    return {
        corpus: np.concatenate([ids.value_lengths() for ids in arrays]).astype(np.int64)
        for corpus, arrays in chunks.items()
    }


def item_counts(tables: Tables, tasks: Mapping[str, Task]) -> dict[str, dict[str, Counts]]:
    """Returns the number of labelled items in each row, per corpus and task."""
    return {
        corpus: {
            name: table.data.column(f"items_{name}").to_numpy()  # a second faster than row by row
            for name, task in tasks.items()
            if corpus in task.corpora
        }
        for corpus, table in tables.items()
    }


def _unchanged(item: Any) -> Any:
    """Returns a loader's item as it is; `collate` makes the tensors later."""
    return item
