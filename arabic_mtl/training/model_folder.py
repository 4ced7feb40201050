"""The folder of a run, as far as a model in use needs it."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from arabic_mtl.inference.description import Made, ModelDescription, TaskDescription
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.model.heads import Head
from arabic_mtl.tasks import Task
from arabic_mtl.training.data import training_data


class ModelFolder(Callback):
    """Writes ``model.json``, ``text/`` and ``encoder/`` where a run's checkpoints are.

    With them a checkpoint can be used without the training files and the pretrained model. A run
    that goes on keeps them; a Trainer without checkpoints writes nothing.

    Args:
        tasks: The model's tasks, by name.
        encoder: The settings of its encoder.
    """

    def __init__(self, tasks: Mapping[str, Task], encoder: Encoder) -> None:
        self.tasks, self.encoder = tasks, encoder

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Writes once, when nothing but training is left to be done."""
        folder = model_folder(trainer)
        if folder is None or not trainer.is_global_zero:
            return
        network: Any = pl_module.network  # of `MultiTaskModule`, which adds this callback
        data = training_data(pl_module)
        if not goes_on(pl_module, folder):
            folder.mkdir(parents=True, exist_ok=True)
            data.text.save(folder / "text")
            network.encoder.save(folder / "encoder")
            paired: Collection[str] = getattr(data, "paired", ())  # data of one's own may lack it
            heads = {name: network.head(name) for name in self.tasks}
            self.described(heads, data.text.max_length, paired).write(folder)

    def described(
        self, heads: Mapping[str, Head], max_length: int, paired: Collection[str]
    ) -> ModelDescription:
        """Returns the description of a model.

        Args:
            heads: Task to its head.
            max_length: The most tokens that it reads at once.
            paired: The corpora whose texts come in pairs of a sentence and an opinion's target.
        """
        tasks = {
            name: TaskDescription(
                corpora=task.corpora,
                layers=task.layers,
                paired=any(corpus in paired for corpus in task.corpora),
                head=Made.of(heads[name], heads[name].options),
                decoder=Made.of(task.decoder, asdict(task.decoder)),
            )
            for name, task in self.tasks.items()
        }
        encoder = Made.of(self.encoder, {})
        return ModelDescription(encoder=encoder, max_length=max_length, tasks=tasks)


def model_folder(trainer: Trainer) -> Path | None:
    """Returns the folder for what belongs to a Trainer's checkpoints; None if it keeps none.

    It is the folder above ``checkpoints`` of a run with a logger, else the checkpoints' own.
    """
    options: Any = trainer  # whose stub lacks attributes
    place = getattr(options.checkpoint_callback, "dirpath", None)
    if place is None or options.fast_dev_run:
        return None
    own = Path(place)
    return own.parent if trainer.loggers and own.name == "checkpoints" else own


def goes_on(module: LightningModule, folder: Path) -> bool:
    """Returns whether a run goes on in its folder, which has all that it began with."""
    return training_data(module).text.folder.resolve() == (folder / "text").resolve()
