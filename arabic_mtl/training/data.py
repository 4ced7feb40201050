"""The interface of training data."""

from typing import Protocol, runtime_checkable

from lightning.pytorch import LightningModule

from arabic_mtl.errors import InputError
from arabic_mtl.text import TextPipeline


@runtime_checkable
class TrainingData(Protocol):
    """A DataModule that `MultiTaskModule` can be trained with."""

    @property
    def text(self) -> TextPipeline:
        """Returns the text pipeline that made the tokens of the batches."""
        ...

    def updates(self) -> int:
        """Returns the number of optimizer steps at the end of training."""
        ...


def training_data(module: LightningModule) -> TrainingData:
    """Returns the DataModule of a module's Trainer.

    Raises:
        InputError: If there is no Trainer, or its DataModule is missing or does not fit.
    """
    try:
        data = getattr(module.trainer, "datamodule", None)
        found = "only data loaders" if data is None else type(data).__name__
    except RuntimeError:
        data, found = None, "no Trainer"
    if not isinstance(data, TrainingData):
        raise InputError(
            "MultiTaskModule must be trained with MultiTaskData",
            found=found,
            expected="trainer.fit(model, datamodule=data)",
        )
    return data
