"""A Trainer's progress: consumed batches and remaining optimizer steps.

The parameter ``trainer`` has type `Any`, because Lightning sets some of its attributes dynamically.
"""

from typing import Any, NamedTuple, Self

from lightning.pytorch.callbacks import GradientAccumulationScheduler

from arabic_mtl.data.epochs import START, Epochs, Position
from arabic_mtl.data.lightning_compat import consumed_batches
from arabic_mtl.errors import InputError


def trainer_options(trainer: Any) -> dict[str, Any]:
    """Returns the arguments of `Epochs` that follow from options of the Trainer."""
    return {
        "accumulate": trainer.accumulate_grad_batches,
        "limit": trainer.limit_train_batches,
        "repeat": bool(trainer.overfit_batches),
    }


class Progress(NamedTuple):
    """The progress of a run.

    Args:
        batches: Number of batches consumed in all epochs, as the Trainer counts them.
        updates: Number of optimizer steps made.
        position: The next step to read. If the plan or its options changed when the run was
            resumed, the position follows the new plan from there on.
    """

    batches: int = 0
    updates: int = 0
    position: Position = START

    @classmethod
    def from_trainer(cls, trainer: Any, epochs: Epochs, start: Self) -> Self:
        """Returns a Trainer's progress.

        Args:
            trainer: The Trainer, in training or after it.
            epochs: The planned epochs.
            start: The progress at which training was started or resumed.
        """
        batches = consumed_batches(trainer)
        position = epochs.position(max(batches - start.batches, 0), start.position)
        return cls(batches, trainer.global_step, position)


def updates(trainer: Any, epochs: Epochs, start: Progress) -> int:
    """Returns the number of optimizer steps at the end of training.

    `Trainer.estimated_stepping_batches` assumes that all epochs are as long as the current one.

    Args:
        trainer: The Trainer, which limits epochs or steps.
        epochs: The planned epochs.
        start: The progress at which training was started or resumed.

    Raises:
        InputError: If neither epochs nor steps are limited.
    """
    if trainer.max_epochs == -1 and trainer.max_steps == -1:
        raise InputError(
            "training must have an end, because the learning rate decays towards it",
            found="trainer.max_epochs: -1 and trainer.max_steps: -1",
            expected="a limit for one of them",
        )
    limits = [trainer.max_steps] if trainer.max_steps != -1 else []
    if trainer.max_epochs != -1:
        limits.append(start.updates + epochs.updates(trainer.max_epochs, start.position))
    return int(min(limits))


def require_fixed_accumulation(trainer: Any) -> None:
    """Raises `InputError` if the number of batches per optimizer step may change.

    Raises:
        InputError: If the Trainer has a `GradientAccumulationScheduler`.
    """
    if any(isinstance(callback, GradientAccumulationScheduler) for callback in trainer.callbacks):
        raise InputError(
            "the number of batches per optimizer step must not change during training",
            found="a GradientAccumulationScheduler",
            expected="--trainer.accumulate_grad_batches=N, the same in every epoch",
        )
