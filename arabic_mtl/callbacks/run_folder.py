"""The configuration of a run, in its folder."""

from pathlib import Path

from jsonargparse import Namespace
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.cli import SaveConfigCallback

from arabic_mtl.training.model_folder import goes_on


class RunFolder(SaveConfigCallback):
    """Writes ``config.yaml`` into a run's folder; a run that goes on keeps it.

    What a model in use needs is written by the model itself (`arabic_mtl.training.model_folder`).
    """

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Waits: whether data and model can be had is not known yet."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Writes once, when nothing but training is left to be done."""
        # Asked of all processes, for Lightning tells them by a broadcast.
        self.folder = Path(trainer.log_dir or ".")
        if goes_on(pl_module, self.folder):
            return
        self.began_from = self.config.ckpt_path
        self.config = _of_its_own(self.config)
        super().setup(trainer, pl_module, "fit")

    def save_config(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Adds the checkpoint that the run began from, if any."""
        if self.began_from:
            path = self.folder / self.config_filename
            path.write_text(f"# begun from {self.began_from}\n{path.read_text('utf-8')}", "utf-8")


def _of_its_own(config: Namespace) -> Namespace:
    """A configuration without the checkpoint that the run begins from, and the files beside it."""
    config = config.clone()
    config.ckpt_path = None
    config.data.text.saved = None
    if "init_args" in config.model.encoder:
        config.model.encoder.init_args.saved = None
    return config
