"""Measures the time that a run takes, over all its resumptions."""

import os
import time
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer


class Clock(Callback):
    """Measures a run's CPU time and wall-clock time, including those before it was resumed.

    CPU time is that of the process since its start and of its finished data loaders. With several
    processes, only the process of rank 0 is measured.
    """

    def __init__(self) -> None:
        self._earlier_seconds = {"cpu": 0.0, "wall": 0.0}
        self._start = time.monotonic()

    def seconds(self) -> dict[str, float]:
        """Returns ``cpu`` and ``wall`` seconds up to now."""
        now = {"cpu": sum(os.times()[:4]), "wall": time.monotonic() - self._start}
        return {kind: self._earlier_seconds[kind] + now[kind] for kind in now}

    def state_dict(self) -> dict[str, Any]:
        """Returns the seconds up to now, for the checkpoint."""
        return self.seconds()

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Remembers whether a checkpoint will be resumed from or only scored."""
        self._is_fitting = stage == "fit"

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over the seconds of a checkpoint from which training resumes."""
        if self._is_fitting:
            self._earlier_seconds = dict(state_dict)
