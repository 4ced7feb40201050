"""The files beside a run's checkpoints that `arabic_mtl.load` needs."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from arabic_mtl.inference.description import ClassSpec, ModelDescription, TaskDescription
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.model.heads import Head
from arabic_mtl.tasks import Task
from arabic_mtl.training.data import training_data


class ModelFolder(Callback):
    """A callback that writes ``model.json``, ``text/`` and ``encoder/`` beside the checkpoints.

    With these files a checkpoint can be used without the training files and the pretrained model.
    A resumed run keeps them. A Trainer without checkpoints writes nothing.

    Args:
        tasks: The model's tasks, by name.
        encoder: The settings of the model's encoder.
    """

    def __init__(self, tasks: Mapping[str, Task], encoder: Encoder) -> None:
        self.tasks, self.encoder = tasks, encoder

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Writes the files, after all checks and just before training."""
        folder = model_folder(trainer)
        if folder is None or not trainer.is_global_zero:
            return
        network: Any = pl_module.network  # only `MultiTaskModule` adds this callback
        data = training_data(pl_module)
        if not is_resumed(pl_module, folder):
            folder.mkdir(parents=True, exist_ok=True)
            data.text.save(folder / "text")
            network.encoder.save(folder / "encoder")
            heads = {name: network.head(name) for name in self.tasks}
            self.describe(heads, data).write(folder)

    def describe(self, heads: Mapping[str, Head], data: Any) -> ModelDescription:
        """Returns the description of a model.

        Args:
            heads: The heads, by task.
            data: The data of the run. A user's own data may lack `pairs` and `credits`.
        """
        pairs: Mapping[str, str] = getattr(data, "pairs", {})
        tasks = {
            name: TaskDescription(
                corpora=task.corpora,
                layers=task.layers,
                paired=any(pairs.get(corpus) == "target" for corpus in task.corpora),
                head=ClassSpec.from_object(heads[name], heads[name].options),
                decoder=ClassSpec.from_object(task.decoder, asdict(task.decoder)),
                takes_pairs=any(pairs.get(corpus) == "text" for corpus in task.corpora),
            )
            for name, task in self.tasks.items()
        }
        return ModelDescription(
            encoder=ClassSpec.from_object(self.encoder, {}),
            max_length=data.text.max_length,
            tasks=tasks,
            credits=getattr(data, "credits", {}),
        )


def model_folder(trainer: Trainer) -> Path | None:
    """Returns the folder for the files beside a Trainer's checkpoints; None without checkpoints.

    With a logger it is the parent of the folder ``checkpoints``, else the checkpoints' own folder.
    """
    options: Any = trainer  # the type stub lacks attributes
    checkpoints = getattr(options.checkpoint_callback, "dirpath", None)
    if checkpoints is None or options.fast_dev_run:
        return None
    own = Path(checkpoints)
    return own.parent if trainer.loggers and own.name == "checkpoints" else own


def is_resumed(module: LightningModule, folder: Path) -> bool:
    """Returns whether a run is resumed in its own folder, which has the files already."""
    return training_data(module).text.folder.resolve() == (folder / "text").resolve()
