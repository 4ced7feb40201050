"""The steps of a run, epoch by epoch, and what each counts for."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from arabic_mtl.data.plan import Lengths, SamplingPlan, Step
from arabic_mtl.data.shares import Counts
from arabic_mtl.model.batch import Update


class PlannedStep(NamedTuple):
    """A step, and the update of the weights that it is part of."""

    step: Step
    update: Update


class Place(NamedTuple):
    """Where a run is.

    Args:
        epoch: From 0.
        step: The next one in the epoch, from 0.
    """

    epoch: int
    step: int


START = Place(0, 0)

PlannedSteps = Callable[[int], Sequence[PlannedStep]]
"""Epoch to its steps."""


class Epochs:
    """A plan carried out on some corpora.

    Args:
        plan: How rows become steps.
        lengths: The corpora's rows.
        seed: Of the run.
        items: Corpus to task to the labelled items of each row.
        accumulate: How many steps make an update (Trainer's ``accumulate_grad_batches``).
        limit: The part of an epoch's steps to take, or a number (``limit_train_batches``).
        repeat: Whether every epoch is like the first (``overfit_batches``).
    """

    def __init__(
        self,
        plan: SamplingPlan,
        lengths: Lengths,
        seed: int,
        items: Mapping[str, Mapping[str, Counts]],
        *,
        accumulate: int = 1,
        limit: float = 1.0,
        repeat: bool = False,
    ) -> None:
        self.plan, self.lengths, self.seed, self.items = plan, lengths, seed, items
        self.accumulate, self.limit, self.repeat = accumulate, limit, repeat
        self.steps = lru_cache(maxsize=2)(self._planned)  # every corpus's sampler asks for them
        self.size = cache(self._size)

    def place(self, steps: int, start: Place = START) -> Place:
        """Where a run is so many steps behind a place.

        An epoch that has become shorter than that begins anew, as the Trainer has it.
        """
        epoch = start.epoch
        steps += start.step if start.step < self.size(epoch) else 0
        while steps >= (size := self.size(epoch)) > 0:
            if self.plan.is_even:
                return Place(epoch + steps // size, steps % size)
            epoch, steps = epoch + 1, steps - size
        return Place(epoch, steps)

    def updates(self, epochs: int, start: Place = START) -> int:
        """How many updates of the weights so many epochs make from a place on."""
        epoch, step = self.place(0, start)
        left = range(epoch, epochs)
        repeated = len(left) if self.plan.is_even else 1
        different = left[:1] if self.plan.is_even else left
        updates = sum(-(-self.size(epoch) // self.accumulate) for epoch in different)
        return updates * repeated - step // self.accumulate

    def _size(self, epoch: int) -> int:
        """How many steps of an epoch are taken."""
        return self._limited(len(self.steps(epoch)))

    def _planned(self, epoch: int) -> list[PlannedStep]:
        """The steps of an epoch, with those, too, that the limit leaves out."""
        steps = self.plan.steps(self.lengths, self.seed, 0 if self.repeat else epoch)
        limited, planned = self._limited(len(steps)), []
        for start in range(0, len(steps), self.accumulate):
            window = steps[start : start + self.accumulate]
            update = self._update(window[: max(limited - start, 1)])
            planned += [PlannedStep(step, update) for step in window]
        return planned

    def _limited(self, steps: int) -> int:
        """How many of an epoch's steps the limit leaves.

        As Lightning reckons: a whole number is a number of steps, another a part of them.
        """
        if isinstance(self.limit, int):
            return min(self.limit, steps)
        return int(steps * self.limit)

    def _update(self, steps: list[Step]) -> Update:
        items = {task: 0 for of_corpus in self.items.values() for task in of_corpus}
        for step in steps:
            for corpus, rows in step.items():
                for task, counts in self.items[corpus].items():
                    items[task] += int(counts[rows].sum())
        return Update(len(steps), items)
