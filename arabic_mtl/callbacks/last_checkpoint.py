"""The checkpoint from which a run that was broken off goes on."""

from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.plugins.io import TorchCheckpointIO

from arabic_mtl.errors import InputError
from arabic_mtl.files import replacing


class LastCheckpoint(ModelCheckpoint):
    """Keeps ``last.ckpt``, saved at the end of each epoch and, within it, every so many updates.

    Args:
        every_n_steps: After how many updates of the weights, too.
    """

    def __init__(self, every_n_steps: int | None = 1000) -> None:
        super().__init__(
            filename=self.CHECKPOINT_NAME_LAST,
            enable_version_counter=False,
            every_n_epochs=1,
            save_on_train_epoch_end=True,
        )
        if every_n_steps is not None and every_n_steps < 1:
            raise InputError(
                "last.every_n_steps is a number of updates",
                found=every_n_steps,
                expected="1 or more, or null: at the end of an epoch only",
            )
        self.every_n_steps = every_n_steps

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Lets a run that had stopped early, before it was broken off, not start again."""
        super().on_train_start(trainer, pl_module)
        stoppers: Any = trainer.early_stopping_callbacks
        if any(0 < stopper.wait_count >= stopper.patience for stopper in stoppers):
            trainer.should_stop = True

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Saves between updates, but not where validation follows: going on would skip it.

        Where ``max_steps`` ends the run within an epoch, too; the checkpoint of the epoch's end
        would say that all of the epoch is done.
        """
        step = trainer.global_step
        due = self.every_n_steps and step % self.every_n_steps == 0
        if not (due or step == trainer.max_steps) or self._should_skip_saving_checkpoint(trainer):
            return
        if _may_go_on_from_here(trainer):
            self._save_topk_checkpoint(trainer, self._monitor_candidates(trainer))


class DurableCheckpoints(TorchCheckpointIO):
    """Writes a checkpoint to the disk before it takes the place of the one before it."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None
    ) -> None:
        """Saves a checkpoint, whole or not at all."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with replacing(Path(path)) as unfinished:
            torch.save(checkpoint, unfinished)


def _may_go_on_from_here(trainer: Any) -> bool:
    """Whether no gradients wait for an update, and neither validation nor the epoch's end is next.

    These are questions that Lightning asks itself, for which it has no public names.
    """
    loop = trainer.fit_loop.epoch_loop
    if loop._should_accumulate() or loop._num_ready_batches_reached():
        return False
    return not loop._should_check_val_fx(trainer.fit_loop._data_fetcher)
