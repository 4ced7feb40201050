"""One corpus's rows of each step, for one process."""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from torch.utils.data import DistributedSampler, SequentialSampler

from arabic_mtl.data.epochs import START, Place, PlannedSteps
from arabic_mtl.tasks import Update


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
