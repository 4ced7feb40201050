"""What a run leaves beside its checkpoints."""

from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jsonargparse import Namespace
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.cli import SaveConfigCallback

from arabic_mtl.data import MultiTaskData
from arabic_mtl.inference.description import Made, ModelDescription, TaskDescription
from arabic_mtl.training import MultiTaskModule, training_data


class RunFolder(SaveConfigCallback):
    """Writes ``config.yaml``, ``model.json``, ``text/`` and ``encoder/`` into a run's folder.

    With them a checkpoint can be used without the training files and the pretrained model. A run
    that goes on keeps them.
    """

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Waits: whether data and model can be had is not known yet."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Writes once, when nothing but training is left to be done."""
        # Asked of all processes, for Lightning tells them by a broadcast.
        self.folder = Path(trainer.log_dir or ".")
        own = (self.folder / "text").resolve()
        is_ours = isinstance(pl_module, MultiTaskModule)
        if is_ours and training_data(pl_module).text.folder.resolve() == own:
            return  # the run goes on: its folder says what it began with
        self.began_from = self.config.ckpt_path
        self.config = _of_its_own(self.config)
        super().setup(trainer, pl_module, "fit")

    def save_config(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Adds text pipeline and encoder to the config that the base class has written."""
        if self.began_from:
            path = self.folder / self.config_filename
            path.write_text(f"# begun from {self.began_from}\n{path.read_text('utf-8')}", "utf-8")
        if isinstance(pl_module, MultiTaskModule):
            data = training_data(pl_module)
            data.text.save(self.folder / "text")
            pl_module.encoder.save(self.folder / "encoder")
            corpora = data.store.corpora if isinstance(data, MultiTaskData) else {}
            paired = {name for name, c in corpora.items() if c.paired}
            described(pl_module, data.text.max_length, paired).write(self.folder)


def described(
    module: MultiTaskModule, max_length: int, paired: Collection[str]
) -> ModelDescription:
    """What a model is.

    Args:
        module: The model, with its parameters made.
        max_length: Of its text pipeline.
        paired: The corpora whose texts come in pairs.
    """
    tasks = {
        name: TaskDescription(
            corpus=task.corpus,
            layer=task.layer,
            paired=task.corpus in paired,
            head=_head(module.heads[name]),
            decoder=Made.of(task.decoder, asdict(task.decoder)),
        )
        for name, task in module.tasks.items()
    }
    encoder = Made.of(module.encoder_settings, {})
    return ModelDescription(encoder=encoder, max_length=max_length, tasks=tasks)


def _head(head: Any) -> Made:
    return Made.of(head, head.options)


def _of_its_own(config: Namespace) -> Namespace:
    """A configuration without the checkpoint that the run begins from, and the files beside it."""
    config = config.clone()
    config.ckpt_path = None
    config.data.text.saved = None
    if "init_args" in config.model.encoder:
        config.model.encoder.init_args.saved = None
    return config
