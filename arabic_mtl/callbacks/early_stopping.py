"""Ending a run that gets no better."""

from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.trainer.states import TrainerFn

from arabic_mtl.callbacks.monitor import require_labelled
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.scores import higher_is_better


class StopWhenStalled(Callback):
    """Ends training when no watched metric of the validation has got better for some validations.

    A metric that is not finite ends it at once.

    Args:
        monitor: The metric, or several; a loss gets better downwards, all others upwards.
        patience: After how many validations without a better value; 0: after the first such.
        min_delta: By how much a value must be better to count as such.
        tasks: The tasks, whose metrics have a direction; follows ``data.tasks``.
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
                "early stopping watches a metric, for a number of validations, for a gain",
                found=f"early_stopping.monitor: {monitor}, early_stopping.patience: {patience}, "
                f"early_stopping.min_delta: {min_delta}",
                expected="one metric or more, and 0 or more of the others",
            )
        self.patience, self.min_delta = patience, min_delta
        self.best: dict[str, float] = {}
        self.waited = dict.fromkeys(self.monitors, 0)
        self.broken = ""  # which metric is not finite
        self.reason = ""

    @property
    def has_stalled(self) -> bool:
        """Whether every metric has waited for as long as it may, and at least once."""
        return all(0 < waited >= self.patience for waited in self.waited.values())

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Raises `InputError` if the validation lacks one of the metrics."""
        require_labelled(trainer, "early_stopping.monitor", self.monitors)
        self.tasks = self.tasks or getattr(pl_module, "tasks", {})

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Lets a run that had stopped, before it was broken off, not start again."""
        self._stop_if_stalled(trainer)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Looks at the metrics."""
        fits = trainer.state.fn == TrainerFn.FITTING and not trainer.sanity_checking
        if not fits or trainer.fast_dev_run:  # type: ignore[attr-defined]
            return
        for name in self.monitors:
            self._look(trainer, name, trainer.callback_metrics[name])
        self._stop_if_stalled(trainer)

    def state_dict(self) -> dict[str, Any]:
        """The best values, how long each metric has waited for a better one, what is broken."""
        return {"best": self.best, "waited": self.waited, "broken": self.broken}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes all up; how long to wait, and for what, is the configuration's to say."""
        self.broken = state_dict["broken"]
        self.best = {n: v for n, v in state_dict["best"].items() if n in self.monitors}
        self.waited = {name: state_dict["waited"].get(name, 0) for name in self.monitors}

    def _look(self, trainer: Trainer, name: str, value: torch.Tensor) -> None:
        if not torch.isfinite(value):
            self.broken = f"{name} is {float(value)}"
        sign = 1.0 if higher_is_better(name, self.tasks) else -1.0
        gain = sign * (float(value) - self.best.get(name, -sign * float("inf")))
        if gain > self.min_delta:
            self.best[name], self.waited[name] = float(value), 0
        else:
            self.waited[name] += 1

    def _stop_if_stalled(self, trainer: Trainer) -> None:
        if self.has_stalled:
            names = " and ".join(self.monitors)
            self.reason = f"{names} had not got better for {min(self.waited.values())} validations"
        if self.broken:
            self.reason = self.broken
        if self.reason:
            trainer.should_stop = True
