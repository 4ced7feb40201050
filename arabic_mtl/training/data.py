"""The data that a model is trained on, as far as training knows it."""

from typing import Protocol, runtime_checkable

from lightning.pytorch import LightningModule

from arabic_mtl.errors import InputError
from arabic_mtl.text import TextPipeline


@runtime_checkable
class TrainingData(Protocol):
    """A DataModule that `MultiTaskModule` can be trained with."""

    @property
    def text(self) -> TextPipeline:
        """The pipeline whose tokens the batches hold."""
        ...

    def updates(self) -> int:
        """Returns the number of optimizer steps of the whole run."""
        ...


def training_data(module: LightningModule) -> TrainingData:
    """Returns the DataModule of a module's Trainer.

    Raises:
        InputError: If there is no Trainer, no DataModule, or one of another kind.
    """
    try:
        data = getattr(module.trainer, "datamodule", None)
        found = "loaders alone" if data is None else type(data).__name__
    except RuntimeError:
        data, found = None, "no Trainer"
    if not isinstance(data, TrainingData):
        raise InputError(
            "MultiTaskModule must be trained with MultiTaskData",
            found=found,
            expected="trainer.fit(model, datamodule=data)",
        )
    return data
