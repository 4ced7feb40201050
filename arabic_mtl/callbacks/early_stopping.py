"""Ending a run that gets no better."""

from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import EarlyStopping

from arabic_mtl.callbacks.monitor import better
from arabic_mtl.errors import InputError


class StopWhenStalled(EarlyStopping):
    """Ends training when a metric of the validation has not got better for some validations.

    Args:
        monitor: The metric; a loss gets better downwards, all others upwards.
        patience: After how many validations without a better value; 0: after the first such.
        min_delta: By how much a value must be better to count as such.
    """

    def __init__(
        self, monitor: str = "val/mean", patience: int = 5, min_delta: float = 0.0
    ) -> None:
        if patience < 0 or min_delta < 0:
            raise InputError(
                "early stopping waits for a number of validations, for a gain of some size",
                found=f"early_stopping.patience: {patience}, min_delta: {min_delta}",
                expected="0 or more",
            )
        super().__init__(
            monitor,
            min_delta=min_delta,
            patience=patience,
            mode=better(monitor),
            check_on_train_epoch_end=False,  # an epoch that max_steps cuts short has no validation
        )

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Lets a run that had stopped, before it was broken off, not start again."""
        if 0 < self.wait_count >= self.patience:
            trainer.should_stop = True

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes up how long it has waited; how long it may wait is the configuration's to say."""
        super().load_state_dict({**state_dict, "patience": self.patience})
