"""What a run leaves beside its checkpoints."""

from pathlib import Path

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.cli import SaveConfigCallback

from arabic_mtl.model import MultiTaskModule


class RunFolder(SaveConfigCallback):
    """Writes ``config.yaml``, ``text/`` and ``encoder/`` into a training run's folder.

    With them a checkpoint can be used without the training files and the pretrained model. A run
    that goes on keeps them.
    """

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Waits: whether data and model can be had is not known yet."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Writes once, when nothing but training is left to be done."""
        # Asked of all processes, for Lightning tells them by a broadcast.
        self.folder = Path(trainer.log_dir or ".")
        goes_on = isinstance(pl_module, MultiTaskModule) and (
            pl_module.text.saved == self.folder / "text"
        )
        if not goes_on:  # or the folder would no longer say what the run began with
            super().setup(trainer, pl_module, "fit")

    def save_config(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Adds text pipeline and encoder to the config that the base class has written."""
        if isinstance(pl_module, MultiTaskModule):
            pl_module.text.save(self.folder / "text")
            pl_module.encoder.save(self.folder / "encoder")
