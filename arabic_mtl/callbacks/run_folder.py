"""What a run leaves beside its checkpoints."""

from pathlib import Path

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.cli import SaveConfigCallback

from arabic_mtl.model import MultiTaskModule


class RunFolder(SaveConfigCallback):
    """Writes ``config.yaml``, ``text/`` and ``encoder/`` into a training run's folder.

    With them a checkpoint can be used without the training files and the pretrained model. A run
    that goes on keeps its text pipeline and encoder.
    """

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Waits: whether data and model can be had is not known yet."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Writes once, when nothing but training is left to be done."""
        # Asked of all processes, for Lightning tells them by a broadcast.
        self.folder = Path(trainer.log_dir or ".")
        super().setup(trainer, pl_module, "fit")

    def save_config(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Adds text pipeline and encoder to the config that the base class has written."""
        text = self.folder / "text"
        if isinstance(pl_module, MultiTaskModule) and pl_module.text.saved != text:
            pl_module.text.save(text)
            pl_module.encoder.save(self.folder / "encoder")
