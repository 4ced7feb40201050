"""The checkpoints of a run: the best one, and the one from which it goes on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.plugins.io import TorchCheckpointIO

from arabic_mtl.callbacks.monitor import require_labelled
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
    """Writes a checkpoint to the disk before it takes the place of the one before it."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None
    ) -> None:
        """Saves a checkpoint, whole or not at all."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(Path(path)) as unfinished:
            torch.save(checkpoint, unfinished)


class RunCheckpoint(ModelCheckpoint):
    """Remembers what it has saved where a run goes on in its own folder, and nothing else.

    A checkpoint may be someone else's. Lightning would believe the paths in its state, and remove
    what stands there once a better checkpoint is saved.
    """

    def on_load_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Replaces the paths in the states of all checkpoint callbacks, before one takes its own.

        Where the run does not go on in the folder of the checkpoint, the states are dropped.
        """
        # Lightning writes names; it would also take a type, into which it migrates old versions.
        named = checkpoint.get("callbacks", {}).items()
        states = {name: state for name, state in named if isinstance(name, str)}
        checkpoint["callbacks"] = states
        for callback in trainer.checkpoint_callbacks:
            state = states.pop(callback.state_key, None)
            if isinstance(callback, ModelCheckpoint) and isinstance(state, dict):
                folder = Path(str(callback.dirpath))
                if Path(str(trainer.ckpt_path)).parent.resolve() == folder.resolve():
                    states[callback.state_key] = _within(folder, state)


class BestCheckpoint(RunCheckpoint):
    """Keeps ``best.ckpt``, chosen after each validation.

    Args:
        monitor: The metric of the validation to choose by; of a loss the lowest, else the highest.
        each_task: Keep ``best-TASK.ckpt``, too: the best by each task's own main metric.
        tasks: The tasks, whose metrics have a direction; follows ``data.tasks``.
    """

    def __init__(
        self,
        monitor: str = "val/mean",
        each_task: bool = False,
        tasks: dict[str, Task] | None = None,
    ) -> None:
        self.each_task = each_task
        super().__init__(**_chosen_by(monitor, "best", tasks or {}))

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Raises `InputError` if the validation has no such score, or one of other direction."""
        require_labelled(trainer, "checkpoint.monitor", [str(self.monitor)])
        tasks: dict[str, Task] = getattr(pl_module, "tasks", {})
        if (self.mode == "max") != higher_is_better(str(self.monitor), tasks):
            raise InputError(
                "a checkpoint chosen by a score that is better when lower must know the tasks",
                found=f"BestCheckpoint(monitor={self.monitor!r})",
                expected=f"BestCheckpoint(monitor={self.monitor!r}, tasks=tasks)",
            )


class TaskCheckpoint(RunCheckpoint):
    """Keeps ``best-TASK.ckpt``, chosen by the main metric of one task.

    Args:
        name: The task's name.
        task: The task.
    """

    def __init__(self, name: str, task: Task) -> None:
        monitor = f"val/{name}/{task.main_metric}"
        super().__init__(**_chosen_by(monitor, f"best-{name}", {name: task}))


class LastCheckpoint(RunCheckpoint):
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
        """Counts from where the run goes on."""
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
        """Saves between updates, but not where validation follows: going on would skip it.

        What is due then is saved after the next update, or after a validation that ends the run.
        """
        step = trainer.global_step
        if not (self._is_due(step) or step == trainer.max_steps):
            return
        if not must_not_save(self, trainer) and _may_go_on_from_here(trainer, batch_idx):
            save(self, trainer)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Saves where the run ends within an epoch: nothing but the rest of it comes next."""
        ends = trainer.should_stop or trainer.global_step == trainer.max_steps
        if ends and not must_not_save(self, trainer) and not is_epoch_done(trainer):
            save(self, trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Saves, unless the epoch was cut short: the checkpoint would say that it is done."""
        if is_epoch_done(trainer):
            super().on_train_epoch_end(trainer, pl_module)

    def _is_due(self, step: int) -> bool:
        """Whether a multiple of ``every_n_steps`` was reached since the last save."""
        if self.every_n_steps is None:
            return False
        saved = max(self._start, last_saved_step(self))
        return step // self.every_n_steps > saved // self.every_n_steps


def _chosen_by(monitor: str, filename: str, tasks: Mapping[str, Task]) -> dict[str, Any]:
    """The options of a checkpoint that is chosen after each validation."""
    return {
        "filename": filename,
        "monitor": monitor,
        "mode": "max" if higher_is_better(monitor, tasks) else "min",
        "enable_version_counter": False,
        # After validation: an epoch that max_steps cuts short ends without one.
        "save_on_train_epoch_end": False,
    }


def _within(folder: Path, state: dict[str, Any]) -> dict[str, Any]:
    """Returns a checkpoint callback's state with files of one folder alone, dropping other paths.

    The folder may have been moved, or be named in another way since the state was saved.
    """

    def own(path: object) -> str:
        file, before = Path(str(path)), Path(str(state["dirpath"]))
        inner = file.relative_to(before) if file.is_relative_to(before) else Path(file.name)
        is_own = file.suffix == ModelCheckpoint.FILE_EXTENSION and ".." not in inner.parts
        return str(folder / inner) if is_own else ""

    paths = ("best_model_path", "kth_best_model_path", "last_model_path")
    within = {name: own(state[name]) for name in paths}
    scores = {own(path): score for path, score in state["best_k_models"].items() if own(path)}
    return {**state, **within, "best_k_models": scores, "dirpath": str(folder)}


def _may_go_on_from_here(trainer: Trainer, batch_idx: int) -> bool:
    """Returns whether no gradients wait, and neither validation nor the epoch's end is next."""
    waits = (batch_idx + 1) % trainer.accumulate_grad_batches > 0
    return not (waits or is_epoch_done(trainer) or validates_next(trainer))
