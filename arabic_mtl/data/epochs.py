"""The steps of a run, epoch by epoch, and what each counts for."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from arabic_mtl.data.plan import Lengths, SamplingPlan, Step
from arabic_mtl.data.shares import Counts
from arabic_mtl.tasks import Update


class Draw(NamedTuple):
    """A step, and the update of the weights that it is part of."""

    step: Step
    update: Update


Draws = Callable[[int], Sequence[Draw]]
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
        self.draws = lru_cache(maxsize=2)(self._draws)  # every corpus's sampler asks for them

    def place(self, steps: int) -> tuple[int, int]:
        """Where a run is after so many steps: epoch, and step in it."""
        epoch = 0
        while steps >= (size := self._taken(len(self.draws(epoch)))) > 0:
            if self.plan.is_even:
                return divmod(steps, size)
            epoch, steps = epoch + 1, steps - size
        return epoch, steps

    def updates(self, epochs: int) -> int:
        """How many updates of the weights so many epochs make."""
        sizes = [self._taken(len(self.draws(e))) for e in range(1 if self.plan.is_even else epochs)]
        updates = [-(-size // self.accumulate) for size in sizes]
        return updates[0] * epochs if self.plan.is_even else sum(updates)

    def _draws(self, epoch: int) -> list[Draw]:
        """The steps of an epoch, with those, too, that the limit leaves out."""
        steps = self.plan.steps(self.lengths, self.seed, 0 if self.repeat else epoch)
        taken, draws = self._taken(len(steps)), []
        for start in range(0, len(steps), self.accumulate):
            end = min(start + self.accumulate, max(taken, start + 1))
            update = self._update(steps[start:end])
            draws += [Draw(step, update) for step in steps[start : start + self.accumulate]]
        return draws

    def _taken(self, steps: int) -> int:
        """As Lightning reckons: a whole number is a number of steps, another a part of them."""
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
