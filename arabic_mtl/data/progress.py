"""What the Trainer takes of the plan, and how far it is.

Lightning sets some attributes where mypy does not see them: hence Trainers of type `Any`.
"""

from typing import Any, NamedTuple, Self

from lightning.pytorch.callbacks import GradientAccumulationScheduler

from arabic_mtl.data.epochs import START, Epochs, Place
from arabic_mtl.data.lightning_compat import consumed_batches
from arabic_mtl.errors import InputError


def trainer_options(trainer: Any) -> dict[str, Any]:
    """The arguments of `Epochs` that the Trainer decides."""
    return {
        "accumulate": trainer.accumulate_grad_batches,
        "limit": trainer.limit_train_batches,
        "repeat": bool(trainer.overfit_batches),
    }


class Progress(NamedTuple):
    """How far a run is.

    Args:
        batches: How many it has read over all epochs, as the Trainer counts.
        updates: How many updates of the weights it has made.
        place: Where it is: with other steps than it began with, not where they would have led.
    """

    batches: int = 0
    updates: int = 0
    place: Place = START

    def of(self, trainer: Any, epochs: Epochs) -> Self:
        """The progress of a Trainer that began here."""
        batches = consumed_batches(trainer)
        place = epochs.place(max(batches - self.batches, 0), self.place)
        return type(self)(batches, trainer.global_step, place)


def updates(trainer: Any, epochs: Epochs, began: Progress) -> int:
    """How many updates of the weights there will have been.

    `Trainer.estimated_stepping_batches` takes all epochs to be as long as the current one.

    Args:
        trainer: Knows its limits.
        epochs: What is read.
        began: Where the run began, or goes on.

    Raises:
        InputError: If there is no end.
    """
    if trainer.max_epochs == -1 and trainer.max_steps == -1:
        raise InputError(
            "a run has an end, towards which its learning rate goes down",
            found="trainer.max_epochs: -1, and no trainer.max_steps",
            expected="a number of either",
        )
    limits = [trainer.max_steps] if trainer.max_steps != -1 else []
    if trainer.max_epochs != -1:
        limits.append(began.updates + epochs.updates(trainer.max_epochs, began.place))
    return int(min(limits))


def require_fixed_accumulation(trainer: Any) -> None:
    """Refuses a number of batches per update that changes on the way.

    Raises:
        InputError: Naming the callback.
    """
    if any(isinstance(callback, GradientAccumulationScheduler) for callback in trainer.callbacks):
        raise InputError(
            "an update counts the labelled items of its batches before it reads them",
            found="a GradientAccumulationScheduler",
            expected="--trainer.accumulate_grad_batches=N, the same in every epoch",
        )
