"""Private members of Lightning that callbacks and the command line need.

Written for Lightning 2.6.6; `tests/test_lightning_contract.py` checks the installed version.
"""

from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.cli import LightningCLI
from lightning.pytorch.strategies import DDPStrategy, Strategy


class ConfiguredCLI(LightningCLI):
    """LightningCLI that takes options only from the command line and configuration files.

    Lightning also reads hyperparameters from the checkpoint of ``--ckpt_path``, after it has parsed
    the options and before it creates objects. No option turns this off.
    """

    def _parse_ckpt_path(self) -> None:
        """Does nothing, so that the configuration stays as it was parsed."""


def use_bucket_views(strategy: Strategy) -> None:
    """Makes DDP keep gradients in its communication buckets, without a copy of each gradient.

    Does nothing for other strategies, subclasses of DDP included. The public option
    ``DDPStrategy(gradient_as_bucket_view=True)`` is not available for a strategy that Lightning
    chooses: Lightning creates it from its global registry, without arguments of the caller.

    Args:
        strategy: The Trainer's strategy, before its processes are connected.
    """
    if type(strategy) is DDPStrategy:
        strategy._ddp_kwargs["gradient_as_bucket_view"] = True


def must_not_save(checkpoint: ModelCheckpoint, trainer: Trainer) -> bool:
    """Returns whether a checkpoint of this step exists already, or the Trainer is not in training.

    The step of the last save is a private attribute of Lightning's.

    Args:
        checkpoint: The callback that would save.
        trainer: The callback's Trainer.
    """
    return checkpoint._should_skip_saving_checkpoint(trainer)


def save(checkpoint: ModelCheckpoint, trainer: Trainer) -> None:
    """Saves a checkpoint as the callback does when one of its own conditions is met.

    The public `Trainer.save_checkpoint` neither chooses a file name nor removes older checkpoints.

    Args:
        checkpoint: The callback that saves.
        trainer: The callback's Trainer.
    """
    checkpoint._save_topk_checkpoint(trainer, checkpoint._monitor_candidates(trainer))


def last_saved_step(checkpoint: ModelCheckpoint) -> int:
    """Returns the number of optimizer steps at the callback's last save in this process, or 0."""
    return checkpoint._last_global_step_saved


def is_epoch_done(trainer: Trainer) -> bool:
    """Returns whether the current training batch is the epoch's last.

    `Trainer.is_last_batch` alone is False at the last batch of a limited epoch.
    """
    batches = trainer.fit_loop.batch_idx + 1
    return trainer.is_last_batch or batches >= trainer.num_training_batches


def validates_next(trainer: Trainer) -> bool:
    """Returns whether a validation follows the current training batch.

    It depends on five options of the Trainer and on the time, and is not available publicly.
    """
    batches = trainer.fit_loop._data_fetcher
    return batches is not None and trainer.fit_loop.epoch_loop._should_check_val_fx(batches)
