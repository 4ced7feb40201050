"""Collects the predictions of an evaluation from all processes, and looks up callbacks."""

from itertools import chain
from typing import Any, TypeVar

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import distributed

from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.evaluate import RowPrediction, join_texts, row_predictions
from arabic_mtl.evaluation.predicted import PredictedExample
from arabic_mtl.formats import Split

C = TypeVar("C", bound=Callback)
T = TypeVar("T")


def find_callback(trainer: Any, kind: type[C]) -> C:
    """Returns the Trainer's first callback of a class.

    Args:
        trainer: The Lightning Trainer.
        kind: The class of the callback.

    Raises:
        InputError: If the Trainer has no such callback.
    """
    for callback in trainer.callbacks:
        if isinstance(callback, kind):
            return callback
    raise InputError(
        f"the Trainer's `callbacks` must include a {kind.__name__}, which another callback needs",
        found=f"no {kind.__name__}",
        expected=f"callbacks=[..., {kind.__name__}()]",
    )


def gather(own: list[T], world_size: int) -> list[T]:
    """Returns the items of all processes, ordered by rank. Every process must call it.

    Args:
        own: The items of this process.
        world_size: The number of processes.
    """
    if world_size == 1:
        return own
    everyone: list[Any] = [None] * world_size
    distributed.all_gather_object(everyone, own)
    return list(chain.from_iterable(everyone))


class PredictionCollector(Callback):
    """Collects the predictions of a validation or test if they were requested beforehand."""

    def __init__(self) -> None:
        self._rows: list[RowPrediction] = []
        self._is_requested = self._is_collecting = False

    def request(self) -> None:
        """Requests the predictions of the next validation or test, which takes time to decode."""
        self._is_requested = True

    def predictions(
        self, trainer: Trainer, data: MultiTaskData, split: Split
    ) -> list[PredictedExample]:
        """Returns the predictions of all processes. Every process must call it.

        Args:
            trainer: The Trainer that ran the validation or test.
            data: The data, set up, with the split among its tables.
            split: The evaluated split.

        Returns:
            The examples in the order of the files on the process of rank 0, else an empty list.
        """
        rows = gather(self._rows, trainer.world_size)
        return join_texts(rows, data, split) if trainer.is_global_zero else []

    def on_validation_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Drops earlier predictions, and starts to collect if predictions were requested."""
        self._rows, self._is_collecting, self._is_requested = [], self._is_requested, False

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: Any,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Collects the predictions of a batch."""
        if self._is_collecting:
            self._rows += row_predictions(outputs)

    on_test_epoch_start = on_validation_epoch_start
    on_test_batch_end = on_validation_batch_end
