"""Members of Lightning without a public name that callbacks and the command line need.

As they are in Lightning 2.6.6; `tests/test_lightning_contract.py` checks the installed version.
"""

from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.cli import LightningCLI
from lightning.pytorch.strategies import DDPStrategy, Strategy


class ConfiguredCLI(LightningCLI):
    """LightningCLI that takes options from the command line and configuration files alone.

    Lightning also reads the checkpoint of ``--ckpt_path`` between parsing and making objects, takes
    hyperparameters from it, and has no option against this.
    """

    def _parse_ckpt_path(self) -> None:
        """Leaves the configuration as it was parsed."""


def use_bucket_views(strategy: Strategy) -> None:
    """Lets a strategy that is DDP itself add up gradients where they lie, without a copy of each.

    ``DDPStrategy(gradient_as_bucket_view=True)`` is public, but for a strategy that Lightning has
    chosen: it makes that from its global registry, without arguments of the caller.

    Args:
        strategy: Any; processes have not been connected yet.
    """
    if type(strategy) is DDPStrategy:
        strategy._ddp_kwargs["gradient_as_bucket_view"] = True


def must_not_save(checkpoint: ModelCheckpoint, trainer: Trainer) -> bool:
    """Returns whether a checkpoint of this step exists already, or the Trainer is not in training.

    Lightning keeps the step of the last save private.

    Args:
        checkpoint: The callback that would save.
        trainer: Its trainer.
    """
    return checkpoint._should_skip_saving_checkpoint(trainer)


def save(checkpoint: ModelCheckpoint, trainer: Trainer) -> None:
    """Saves a checkpoint as the callback does when one of its own conditions is met.

    The public `Trainer.save_checkpoint` neither names the file nor removes the one before.

    Args:
        checkpoint: The callback that saves.
        trainer: Its trainer.
    """
    checkpoint._save_topk_checkpoint(trainer, checkpoint._monitor_candidates(trainer))


def last_saved_step(checkpoint: ModelCheckpoint) -> int:
    """Returns the optimizer steps at the last save by the callback in this process, or 0."""
    return checkpoint._last_global_step_saved


def is_epoch_done(trainer: Trainer) -> bool:
    """Returns whether the current training batch is the epoch's last.

    `Trainer.is_last_batch` alone misses the last of a limited number of batches.
    """
    batches = trainer.fit_loop.batch_idx + 1
    return trainer.is_last_batch or batches >= trainer.num_training_batches


def validates_next(trainer: Trainer) -> bool:
    """Returns whether a validation follows the current training batch.

    What follows from five options of the Trainer and from the time has no public name.
    """
    batches = trainer.fit_loop._data_fetcher
    return batches is not None and trainer.fit_loop.epoch_loop._should_check_val_fx(batches)
