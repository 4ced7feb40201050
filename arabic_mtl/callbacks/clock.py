"""What a run has taken, in all its parts."""

import os
import time
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer


class Clock(Callback):
    """Adds up processors' time and time by the clock, also of a run that was broken off.

    Processors' time is the process's own, from its start, and that of its loaders; of several
    processes the first one's.
    """

    def __init__(self) -> None:
        self._before = {"cpu": 0.0, "wall": 0.0}
        self._start = time.monotonic()

    def seconds(self) -> dict[str, float]:
        """``cpu`` and ``wall`` seconds up to now."""
        now = {"cpu": sum(os.times()[:4]), "wall": time.monotonic() - self._start}
        return {kind: self._before[kind] + now[kind] for kind in now}

    def state_dict(self) -> dict[str, Any]:
        """The seconds up to now."""
        return self.seconds()

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Looks whether a checkpoint is one to go on from, or only to be scored."""
        self._goes_on = stage == "fit"

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from those of the checkpoint."""
        if self._goes_on:
            self._before = dict(state_dict)
