"""What a run leaves beside its checkpoints."""

from pathlib import Path

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.cli import SaveConfigCallback

from arabic_mtl.model import MultiTaskModule


class RunFolder(SaveConfigCallback):
    """Writes ``config.yaml`` and ``text/`` into a training run's folder.

    With them a checkpoint can be used without the training files.
    """

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Writes once, when training starts."""
        if stage == "fit":
            super().setup(trainer, pl_module, stage)

    def save_config(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Adds the text pipeline to the config that the base class has written."""
        if trainer.log_dir is not None and isinstance(pl_module, MultiTaskModule):
            pl_module.text.save(Path(trainer.log_dir) / "text")
