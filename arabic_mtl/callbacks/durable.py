"""Checkpoints that a crash cannot half-write."""

from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO

from arabic_mtl.files import atomic_write


class DurableCheckpoints(TorchCheckpointIO):
    """Writes a checkpoint to the disk before it takes the place of the one before it."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None
    ) -> None:
        """Saves a checkpoint, whole or not at all."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(Path(path)) as unfinished:
            torch.save(checkpoint, unfinished)
