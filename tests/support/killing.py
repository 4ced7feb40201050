"""A callback that ends the process as a power cut would, where the environment says."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any, NoReturn

from lightning.pytorch import Callback

from arabic_mtl import files


class Kill(Callback):
    """``KILL=batch:EPOCH:N``, ``validation:EPOCH:N``, or ``saving:N``, the N-th file saved."""

    def __init__(self) -> None:
        self.kind, *self.place = os.environ.get("KILL", "never").split(":")
        if self.kind == "saving":
            files._sync = self._half_write

    def on_train_batch_end(self, trainer: Any, module: Any, *args: Any) -> None:
        self._at("batch", trainer, args[2])

    def on_validation_batch_start(self, trainer: Any, module: Any, *args: Any) -> None:
        if not trainer.sanity_checking:
            self._at("validation", trainer, args[1])

    def _at(self, kind: str, trainer: Any, number: int) -> None:
        if self.kind == kind and self.place == [str(trainer.current_epoch), str(number)]:
            kill()

    def _half_write(self, path: Path) -> None:
        if path.suffix == ".unfinished" and "ckpt" in path.name:
            self.place[0] = str(int(self.place[0]) - 1)
            if self.place[0] == "0":
                os.truncate(path, path.stat().st_size // 2)
                kill()


def kill() -> NoReturn:
    """No handler runs, nothing is flushed."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")
