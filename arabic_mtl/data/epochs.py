"""The planned steps of each epoch, and the optimizer steps that they are part of."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from arabic_mtl.data.plan import Lengths, SamplingPlan, Step
from arabic_mtl.data.shares import Counts
from arabic_mtl.model.batch import Update


class PlannedStep(NamedTuple):
    """A step (micro-batch) and the optimizer step that it is part of."""

    step: Step
    update: Update


class Position(NamedTuple):
    """The position of a run: the next step that it reads.

    Args:
        epoch: Index of the epoch, from 0.
        step: Index of the step in the epoch, from 0.
    """

    epoch: int
    step: int


START = Position(0, 0)

PlannedSteps = Callable[[int], Sequence[PlannedStep]]
"""A function from an epoch's index to its steps."""


class Epochs:
    """The epochs that a sampling plan makes of corpora.

    Args:
        plan: The sampling plan.
        lengths: Corpus to the length of each row, in tokens.
        seed: Seed of the run.
        items: Corpus to task to the number of labelled items in each row.
        accumulate: Number of steps per optimizer step (Trainer's ``accumulate_grad_batches``).
        limit: Number of an epoch's steps to train on if an integer, else their fraction
            (``limit_train_batches``).
        repeat: Whether every epoch repeats the first (``overfit_batches``).
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
        self.steps = lru_cache(maxsize=2)(self._plan_epoch)  # called by the sampler of each corpus
        self.size = cache(self._count_steps)

    def position(self, steps: int, start: Position = START) -> Position:
        """Returns the position that is so many steps after another one.

        If the epoch of ``start`` has fewer steps than ``start.step``, counts from the beginning of
        that epoch, as Lightning's Trainer does.

        Args:
            steps: Number of steps from ``start`` on.
            start: The position to count from.
        """
        epoch = start.epoch
        steps += start.step if start.step < self.size(epoch) else 0
        while steps >= (size := self.size(epoch)) > 0:
            if self.plan.is_even:
                return Position(epoch + steps // size, steps % size)
            epoch, steps = epoch + 1, steps - size
        return Position(epoch, steps)

    def updates(self, epochs: int, start: Position = START) -> int:
        """Returns the number of optimizer steps from a position to the end of training.

        Args:
            epochs: Number of epochs of the whole training.
            start: The position to count from.
        """
        epoch, step = self.position(0, start)
        left = range(epoch, epochs)
        repeated = len(left) if self.plan.is_even else 1
        different = left[:1] if self.plan.is_even else left
        updates = sum(-(-self.size(epoch) // self.accumulate) for epoch in different)
        return updates * repeated - step // self.accumulate

    def _count_steps(self, epoch: int) -> int:
        """Returns the number of steps of an epoch, within the limit."""
        return self._apply_limit(len(self.steps(epoch)))

    def _plan_epoch(self, epoch: int) -> list[PlannedStep]:
        """Returns all steps of an epoch, including steps beyond the limit."""
        steps = self.plan.steps(self.lengths, self.seed, 0 if self.repeat else epoch)
        limited, planned = self._apply_limit(len(steps)), []
        for start in range(0, len(steps), self.accumulate):
            window = steps[start : start + self.accumulate]
            update = self._plan_update(window[: max(limited - start, 1)])
            planned += [PlannedStep(step, update) for step in window]
        return planned

    def _apply_limit(self, steps: int) -> int:
        """Returns how many of an epoch's steps are within the limit.

        Follows Lightning: an integer is a number of steps, a float is a fraction of them.
        """
        if isinstance(self.limit, int):
            return min(self.limit, steps)
        return int(steps * self.limit)

    def _plan_update(self, steps: list[Step]) -> Update:
        """Returns the optimizer step of some steps: their number and their labelled items."""
        items = {task: 0 for counts in self.items.values() for task in counts}
        for step in steps:
            for corpus, rows in step.items():
                for task, counts in self.items[corpus].items():
                    items[task] += int(counts[rows].sum())
        return Update(len(steps), items)
