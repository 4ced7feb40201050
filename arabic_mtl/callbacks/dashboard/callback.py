"""The callback that writes a run's TensorBoard pages."""

import sys
from typing import Any

from lightning.pytorch import Callback
from lightning.pytorch.loggers import TensorBoardLogger

from arabic_mtl.callbacks.dashboard.gradients import can_compare, compare, task_gradients
from arabic_mtl.callbacks.dashboard.layout import layout
from arabic_mtl.callbacks.dashboard.page import write_pages
from arabic_mtl.callbacks.dashboard.peak import flops_per_token, peak_flops
from arabic_mtl.callbacks.dashboard.runs import (
    end_summary,
    outcome_tags,
    settings,
    start_summaries,
)
from arabic_mtl.callbacks.dashboard.speed import SpeedMeter
from arabic_mtl.callbacks.predictions import PredictionCollector, find_callback
from arabic_mtl.errors import InputError


class Dashboard(Callback):
    """Writes TensorBoard pages; does nothing if the run has no TensorBoard logger.

    The figures are drawn from the predictions of the Trainer's `PredictionCollector`.

    Args:
        pictures: Whether to draw figures of the validation predictions (confusion matrix, F1 per
            label, calibration, precision-recall curves) and to list the worst mistakes: always for
            the best checkpoint, and during training as often as `every_n_epochs` defines.
        every_n_epochs: The number of epochs between two sets of figures during training.
        cosine_every_n_steps: The number of optimizer steps between two comparisons of the tasks'
            gradients on the encoder; null never compares them. A comparison takes as long as two
            or three optimizer steps, and the memory of one gradient per task.
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
        """Writes the layout of the charts and the settings of the run."""
        self._is_comparing = self._can_compare(trainer)
        self._share = self._share_of_peak(trainer, pl_module)
        if (logger := _logger(trainer)) and trainer.is_global_zero:
            logger.experiment.add_custom_scalars(layout(pl_module.tasks))
            values = settings(trainer, pl_module, trainer.datamodule)
            for summary in start_summaries(values, outcome_tags(pl_module.tasks)):
                logger.experiment.file_writer.add_summary(summary)

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """Marks the run as finished."""
        if (logger := _logger(trainer)) and trainer.is_global_zero:
            logger.experiment.file_writer.add_summary(end_summary())

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """Starts to measure speed."""
        self.speed.start()

    def on_train_batch_start(
        self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int
    ) -> None:
        """Compares the tasks' gradients before each `cosine_every_n_steps`-th optimizer step."""
        is_first = batch_idx % trainer.accumulate_grad_batches == 0
        if self._is_comparing and is_first and trainer.global_step % self.cosine_every_n_steps == 0:
            values = compare(task_gradients(pl_module, batch))
            self._log(trainer, "gradients", values, trainer.global_step)

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Counts a batch, and logs the speed every `log_every_n_steps` optimizer steps."""
        self.speed.update(batch)
        is_last = batch_idx % trainer.accumulate_grad_batches == batch.update.batches - 1
        interval = trainer.log_every_n_steps
        if is_last and interval and trainer.global_step % interval == 0:
            values = self.speed.compute(trainer.world_size)
            if self._share is not None:
                values["mfu"] = values["tokens_per_second"] * self._share
            self._log(trainer, "speed", values, trainer.global_step - 1)

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        """Requests the predictions if figures are due."""
        self._is_drawing = self._is_due(trainer)
        if self._is_drawing:
            find_callback(trainer, PredictionCollector).request()

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Draws the figures if they are due, then measures speed again."""
        if self._is_drawing:
            collector = find_callback(trainer, PredictionCollector)
            examples = collector.predictions(trainer, trainer.datamodule, "validation")
            if (logger := _logger(trainer)) and trainer.is_global_zero:
                # The step at which Lightning logs its own scalars.
                step = trainer.global_step - (trainer.state.fn == "fit")
                write_pages(logger.experiment, pl_module.tasks, examples, step)
        self.speed.start()

    def _is_due(self, trainer: Any) -> bool:
        """Returns whether to draw: in every n-th epoch, and in validations outside training."""
        if not (self.pictures and _logger(trainer)) or trainer.sanity_checking:
            return False
        is_fitting = trainer.state.fn == "fit"
        return not is_fitting or (trainer.current_epoch + 1) % self.every_n_epochs == 0

    def _share_of_peak(self, trainer: Any, pl_module: Any) -> float | None:
        """Returns the share of all devices' peak FLOP/s that one token per second takes."""
        if not (_logger(trainer) and trainer.is_global_zero):
            return None
        peak = peak_flops(pl_module.device, str(trainer.precision))
        return peak and flops_per_token(pl_module.network.encoder) / peak / trainer.world_size

    def _can_compare(self, trainer: Any) -> bool:
        """Returns whether this process compares gradients, which rank 0 alone does.

        Its own rows suffice for an estimate, so that the other processes need not wait.
        """
        if not (self.cosine_every_n_steps and _logger(trainer) and trainer.is_global_zero):
            return False
        if not can_compare(trainer):
            setup = f"{type(trainer.strategy).__name__}, precision {trainer.precision}"
            print(f"the tasks' gradients are not compared with {setup}", file=sys.stderr)
        return can_compare(trainer)

    def _log(self, trainer: Any, section: str, values: dict[str, float], step: int) -> None:
        if logger := _logger(trainer):
            logger.log_metrics({f"{section}/{key}": value for key, value in values.items()}, step)


def _logger(trainer: Any) -> TensorBoardLogger | None:
    """Returns the run's TensorBoard logger; None without one, as in a ``fast_dev_run``."""
    loggers = trainer.loggers
    return next((logger for logger in loggers if isinstance(logger, TensorBoardLogger)), None)


def _require_positive(**numbers: int | None) -> None:
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise InputError(
                f"`dashboard.{name}` must be a positive number of {name.split('_')[-1]}",
                found=number,
                expected="1 or more",
            )
