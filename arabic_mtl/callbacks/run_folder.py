"""Writes a run's configuration into the run folder."""

from pathlib import Path

from jsonargparse import Namespace
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.cli import SaveConfigCallback

from arabic_mtl.training.model_folder import is_resumed


class RunFolder(SaveConfigCallback):
    """Writes ``config.yaml`` into the run folder; a resumed run keeps the file that is there.

    The files that a trained model needs at inference are written by
    `arabic_mtl.training.model_folder`.
    """

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Does nothing yet: reading the data or building the model may still fail."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Writes the configuration once, after data and model were set up."""
        # Every process must read `log_dir`, which Lightning broadcasts from rank 0.
        self.folder = Path(trainer.log_dir or ".")
        if is_resumed(pl_module, self.folder):
            return
        self.start_checkpoint = self.config.ckpt_path
        self.config = _without_start(self.config)
        super().setup(trainer, pl_module, "fit")

    def save_config(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Adds a comment that names the checkpoint from which the run started, if any."""
        if self.start_checkpoint:
            path = self.folder / self.config_filename
            comment = f"# started from {self.start_checkpoint}"
            path.write_text(f"{comment}\n{path.read_text('utf-8')}", "utf-8")


def _without_start(config: Namespace) -> Namespace:
    """Returns a configuration without the starting checkpoint and the files next to it."""
    config = config.clone()
    config.ckpt_path = None
    config.data.text.saved = None
    if "init_args" in config.model.encoder:
        config.model.encoder.init_args.saved = None
    return config
