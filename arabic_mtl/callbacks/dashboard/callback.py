"""What a run shows of itself in TensorBoard."""

import sys
from typing import Any

from lightning.pytorch import Callback
from lightning.pytorch.loggers import TensorBoardLogger

from arabic_mtl.callbacks.answers import AnswerCollector, the
from arabic_mtl.callbacks.dashboard.gradients import can_compare, compare, task_gradients
from arabic_mtl.callbacks.dashboard.layout import layout
from arabic_mtl.callbacks.dashboard.page import show
from arabic_mtl.callbacks.dashboard.peak import flops_per_token, peak_flops
from arabic_mtl.callbacks.dashboard.runs import outcomes, run_ended, run_started, settings
from arabic_mtl.callbacks.dashboard.speed import SpeedMeter
from arabic_mtl.errors import InputError


class Dashboard(Callback):
    """Fills TensorBoard's pages; does nothing where a run has another logger.

    It draws what the Trainer's `AnswerCollector` keeps.

    Args:
        pictures: Whether to draw what the best checkpoint gets right and wrong on validation
            (confusions, F1 of each label, calibration, precision and recall), and to list its
            worst mistakes.
        every_n_epochs: After how many epochs to do so in training, too.
        cosine_every_n_steps: After how many updates to compare the tasks' gradients on the
            encoder, which takes as long as two or three steps, and the memory of a gradient per
            task; null: never.
    """

    def __init__(
        self,
        pictures: bool = True,
        every_n_epochs: int = 10,
        cosine_every_n_steps: int | None = 100,
    ) -> None:
        _require_positive(every_n_epochs=every_n_epochs, cosine_every_n_steps=cosine_every_n_steps)
        self.pictures, self.every_n_epochs = pictures, every_n_epochs
        self.cosine_every_n_steps = cosine_every_n_steps
        self.speed = SpeedMeter()

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Says which curves belong together, and what tells the run from others."""
        self._compares = self._can_compare(trainer)
        self._share = self._share_of_peak(trainer, pl_module)
        if (logger := _logger(trainer)) and trainer.is_global_zero:
            logger.experiment.add_custom_scalars(layout(pl_module.tasks))
            given = settings(trainer, pl_module, trainer.datamodule)
            for summary in run_started(given, outcomes(pl_module.tasks)):
                logger.experiment.file_writer.add_summary(summary)

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """Says that the run is through."""
        if (logger := _logger(trainer)) and trainer.is_global_zero:
            logger.experiment.file_writer.add_summary(run_ended())

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """Starts the clock."""
        self.speed.start()

    def on_train_batch_start(
        self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int
    ) -> None:
        """Now and then, before an update, compares the gradients of the tasks."""
        begins = batch_idx % trainer.accumulate_grad_batches == 0
        if self._compares and begins and trainer.global_step % self.cosine_every_n_steps == 0:
            found = compare(task_gradients(pl_module, batch))
            self._log(trainer, "gradients", found, trainer.global_step)

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Counts a batch; after an update that is logged, tells how fast batches were read."""
        self.speed.update(batch)
        ends = batch_idx % trainer.accumulate_grad_batches == batch.update.batches - 1
        every = trainer.log_every_n_steps
        if ends and every and trainer.global_step % every == 0:
            found = self.speed.compute(trainer.world_size)
            if self._share is not None:
                found["mfu"] = found["tokens_per_second"] * self._share
            self._log(trainer, "speed", found, trainer.global_step - 1)

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        """Asks for the answers, if they are to be drawn."""
        self._draws = self._is_due(trainer)
        if self._draws:
            the(AnswerCollector, trainer).ask()

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Draws; then lets the clock run again."""
        if self._draws:
            collector = the(AnswerCollector, trainer)
            answers = collector.answers(trainer, trainer.datamodule, "validation")
            if (logger := _logger(trainer)) and trainer.is_global_zero:
                # The step of Lightning's own scalars.
                step = trainer.global_step - (trainer.state.fn == "fit")
                show(logger.experiment, pl_module.tasks, answers, step)
        self.speed.start()

    def _is_due(self, trainer: Any) -> bool:
        """In some epochs, and in the validation that a run makes when its training is through."""
        if not (self.pictures and _logger(trainer)) or trainer.sanity_checking:
            return False
        is_fitting = trainer.state.fn == "fit"
        return not is_fitting or (trainer.current_epoch + 1) % self.every_n_epochs == 0

    def _share_of_peak(self, trainer: Any, pl_module: Any) -> float | None:
        """What a token per second takes of all that the processes' devices can do."""
        if not (_logger(trainer) and trainer.is_global_zero):
            return None
        peak = peak_flops(pl_module.device, str(trainer.precision))
        return peak and flops_per_token(pl_module.network.encoder) / peak / trainer.world_size

    def _can_compare(self, trainer: Any) -> bool:
        """Only the first process does: what its rows say is enough, and nobody has to wait."""
        if not (self.cosine_every_n_steps and _logger(trainer) and trainer.is_global_zero):
            return False
        if not can_compare(trainer):
            place = f"{type(trainer.strategy).__name__}, precision {trainer.precision}"
            print(f"the tasks' gradients are not compared: not with {place}", file=sys.stderr)
        return can_compare(trainer)

    def _log(self, trainer: Any, section: str, values: dict[str, float], step: int) -> None:
        if logger := _logger(trainer):
            logger.log_metrics({f"{section}/{key}": value for key, value in values.items()}, step)


def _logger(trainer: Any) -> TensorBoardLogger | None:
    """That of a run; a ``fast_dev_run`` has none."""
    return next((one for one in trainer.loggers if isinstance(one, TensorBoardLogger)), None)


def _require_positive(**numbers: int | None) -> None:
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise InputError(
                f"dashboard.{name} is a number of {name.split('_')[-1]}",
                found=number,
                expected="1 or more",
            )
