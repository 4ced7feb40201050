"""Early stopping: ends a run whose validation metrics no longer improve."""

from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.trainer.states import TrainerFn

from arabic_mtl.callbacks.monitor import require_labels
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.scores import higher_is_better


class StopWhenStalled(Callback):
    """Ends training when none of the monitored validation metrics improves any more.

    A metric that is NaN or infinite ends training at once.

    Args:
        monitor: A validation metric such as ``val/mean``, or a list of them. Losses and errors
            improve when they fall, all other metrics when they rise.
        patience: The number of validations without an improvement after which training ends. 0
            and 1 both end it at the first of them.
        min_delta: The smallest difference to the best value that counts as an improvement.
        tasks: The tasks by name, whose metrics define what is better; set from ``data.tasks``.
    """

    def __init__(
        self,
        monitor: str | list[str] = "val/mean",
        patience: int = 5,
        min_delta: float = 0.0,
        tasks: dict[str, Task] | None = None,
    ) -> None:
        self.tasks = tasks or {}
        self.monitors = [monitor] if isinstance(monitor, str) else monitor
        if not self.monitors or patience < 0 or min_delta < 0:
            raise InputError(
                "`early_stopping.monitor` must not be empty; `patience` and `min_delta` must not "
                "be negative",
                found=f"early_stopping.monitor: {monitor}, early_stopping.patience: {patience}, "
                f"early_stopping.min_delta: {min_delta}",
                expected="one metric or more; 0 or more for `patience` and `min_delta`",
            )
        self.patience, self.min_delta = patience, min_delta
        self.best: dict[str, float] = {}
        self.waits = dict.fromkeys(self.monitors, 0)
        self.non_finite = ""  # the first metric that is not finite, with its value
        self.reason = ""

    @property
    def has_stalled(self) -> bool:
        """Returns whether every metric has gone without an improvement for `patience`."""
        return all(0 < wait >= self.patience for wait in self.waits.values())

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Raises `InputError` if a monitored task has no validation labels."""
        require_labels(trainer, "early_stopping.monitor", self.monitors)
        self.tasks = self.tasks or getattr(pl_module, "tasks", {})

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stops a resumed run at once if it had already stalled."""
        self._stop_if_stalled(trainer)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Compares the metrics with their best values, and stops training if all have stalled."""
        is_fitting = trainer.state.fn == TrainerFn.FITTING and not trainer.sanity_checking
        if not is_fitting or trainer.fast_dev_run:  # type: ignore[attr-defined]
            return
        for name in self.monitors:
            self._update(name, trainer.callback_metrics[name])
        self._stop_if_stalled(trainer)

    def state_dict(self) -> dict[str, Any]:
        """Returns the best values, the validations since each of them, and a non-finite metric."""
        return {"best": self.best, "waited": self.waits, "broken": self.non_finite}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restores the state; `monitor` and `patience` remain those of the configuration."""
        self.non_finite = state_dict["broken"]
        self.best = {n: v for n, v in state_dict["best"].items() if n in self.monitors}
        self.waits = {name: state_dict["waited"].get(name, 0) for name in self.monitors}

    def _update(self, name: str, value: torch.Tensor) -> None:
        if not torch.isfinite(value):
            self.non_finite = f"{name} is {float(value)}"
        sign = 1.0 if higher_is_better(name, self.tasks) else -1.0
        gain = sign * (float(value) - self.best.get(name, -sign * float("inf")))
        if gain > self.min_delta:
            self.best[name], self.waits[name] = float(value), 0
        else:
            self.waits[name] += 1

    def _stop_if_stalled(self, trainer: Trainer) -> None:
        if self.has_stalled:
            names = " and ".join(self.monitors)
            self.reason = f"{names} had not improved for {min(self.waits.values())} validations"
        if self.non_finite:
            self.reason = self.non_finite
        if self.reason:
            trainer.should_stop = True
