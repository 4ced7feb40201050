"""The checkpoints of a run: the best ones, and the last one, from which it resumes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.plugins.io import TorchCheckpointIO

from arabic_mtl.callbacks.monitor import require_labels
from arabic_mtl.errors import InputError
from arabic_mtl.files import atomic_write
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.scores import higher_is_better
from arabic_mtl.training.lightning_compat import (
    is_epoch_done,
    last_saved_step,
    must_not_save,
    save,
    validates_next,
)


class DurableCheckpoints(TorchCheckpointIO):
    """Checkpoint files that are written completely before they replace an earlier file."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None
    ) -> None:
        """Saves a checkpoint atomically: a crash leaves the earlier file intact."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(Path(path)) as unfinished:
            torch.save(checkpoint, unfinished)


class RunCheckpoint(ModelCheckpoint):
    """A checkpoint callback that only restores paths inside the folder of its own run.

    A checkpoint may come from somebody else. Lightning would trust the paths in its state, and
    delete the files at those paths as soon as a better checkpoint is saved.
    """

    def on_load_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Cleans the paths in the states of all checkpoint callbacks before any is restored.

        If the run does not resume in the folder of the checkpoint, the states are dropped.
        """
        # Keys are names; Lightning would also accept types, as old versions wrote them.
        items = checkpoint.get("callbacks", {}).items()
        states = {name: state for name, state in items if isinstance(name, str)}
        checkpoint["callbacks"] = states
        for callback in trainer.checkpoint_callbacks:
            state = states.pop(callback.state_key, None)
            if isinstance(callback, ModelCheckpoint) and isinstance(state, dict):
                folder = Path(str(callback.dirpath))
                if Path(str(trainer.ckpt_path)).parent.resolve() == folder.resolve():
                    states[callback.state_key] = _relocate(state, folder)


class BestCheckpoint(RunCheckpoint):
    """Keeps ``best.ckpt``, the checkpoint with the best validation metric.

    Args:
        monitor: The validation metric that decides, such as ``val/mean`` or ``val/ner/f1``. The
            lowest value is the best for losses and errors, the highest for all other metrics.
        each_task: Whether to keep ``best-TASK.ckpt`` for each task, too: the checkpoint with the
            best main metric of that task.
        tasks: The tasks by name, whose metrics define what is better; set from ``data.tasks``.
    """

    def __init__(
        self,
        monitor: str = "val/mean",
        each_task: bool = False,
        tasks: dict[str, Task] | None = None,
    ) -> None:
        self.each_task = each_task
        super().__init__(**_best_options(monitor, "best", tasks or {}))

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Raises `InputError` if the metric has no validation labels or the wrong direction."""
        require_labels(trainer, "checkpoint.monitor", [str(self.monitor)])
        tasks: dict[str, Task] = getattr(pl_module, "tasks", {})
        if (self.mode == "max") != higher_is_better(str(self.monitor), tasks):
            raise InputError(
                "`BestCheckpoint` must get `tasks` if lower values of its metric are better",
                found=f"BestCheckpoint(monitor={self.monitor!r})",
                expected=f"BestCheckpoint(monitor={self.monitor!r}, tasks=tasks)",
            )


class TaskCheckpoint(RunCheckpoint):
    """Keeps ``best-TASK.ckpt``, the checkpoint with the best main metric of one task.

    Args:
        name: The task's name under ``data.tasks``.
        task: The task.
    """

    def __init__(self, name: str, task: Task) -> None:
        monitor = f"val/{name}/{task.selection_metric}"
        super().__init__(**_best_options(monitor, f"best-{name}", {name: task}))


class LastCheckpoint(RunCheckpoint):
    """Keeps ``last.ckpt``, from which a run resumes: saved after each epoch, and during epochs.

    Args:
        every_n_steps: The number of optimizer steps between two saves during an epoch; null saves
            at the end of each epoch only.
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
                "`last.every_n_steps` must be a positive number of optimizer steps",
                found=every_n_steps,
                expected="1 or more; or null, to save at the end of each epoch only",
            )
        self.every_n_steps = every_n_steps

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Remembers the optimizer step from which training starts or resumes."""
        super().on_train_start(trainer, pl_module)
        self._start = trainer.global_step

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Saves between optimizer steps, unless validation is next: resuming would skip it.

        A save that is due then happens after the next optimizer step, or after the validation if
        that ends the run.
        """
        step = trainer.global_step
        if not (self._is_due(step) or step == trainer.max_steps):
            return
        if not must_not_save(self, trainer) and _can_resume_here(trainer, batch_idx):
            save(self, trainer)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Saves if the run ends within an epoch; resuming continues with the rest of the epoch."""
        ends = trainer.should_stop or trainer.global_step == trainer.max_steps
        if ends and not must_not_save(self, trainer) and not is_epoch_done(trainer):
            save(self, trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Saves, unless the epoch was cut short: the checkpoint would count it as complete."""
        if is_epoch_done(trainer):
            super().on_train_epoch_end(trainer, pl_module)

    def _is_due(self, step: int) -> bool:
        """Returns whether a multiple of ``every_n_steps`` was reached since the last save."""
        if self.every_n_steps is None:
            return False
        saved = max(self._start, last_saved_step(self))
        return step // self.every_n_steps > saved // self.every_n_steps


def _best_options(monitor: str, filename: str, tasks: Mapping[str, Task]) -> dict[str, Any]:
    """Returns the `ModelCheckpoint` options that keep the best checkpoint by one metric."""
    return {
        "filename": filename,
        "monitor": monitor,
        "mode": "max" if higher_is_better(monitor, tasks) else "min",
        "enable_version_counter": False,
        # Saved after validation: an epoch that `max_steps` cuts short ends without a validation.
        "save_on_train_epoch_end": False,
    }


def _relocate(state: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Returns a checkpoint callback's state with all paths moved into a folder.

    The folder may have been moved or renamed since the state was saved. Paths of other files
    become empty.
    """

    def local_path(path: object) -> str:
        file, old_folder = Path(str(path)), Path(str(state["dirpath"]))
        is_inside = file.is_relative_to(old_folder)
        inner = file.relative_to(old_folder) if is_inside else Path(file.name)
        is_own = file.suffix == ModelCheckpoint.FILE_EXTENSION and ".." not in inner.parts
        return str(folder / inner) if is_own else ""

    names = ("best_model_path", "kth_best_model_path", "last_model_path")
    paths = {name: local_path(state[name]) for name in names}
    best = state["best_k_models"].items()
    scores = {local_path(path): score for path, score in best if local_path(path)}
    return {**state, **paths, "best_k_models": scores, "dirpath": str(folder)}


def _can_resume_here(trainer: Trainer, batch_idx: int) -> bool:
    """Returns whether a run could resume from a checkpoint saved after this batch.

    It could not between the micro-batches of an optimizer step, nor before a validation or the
    end of an epoch.
    """
    is_accumulating = (batch_idx + 1) % trainer.accumulate_grad_batches > 0
    return not (is_accumulating or is_epoch_done(trainer) or validates_next(trainer))
