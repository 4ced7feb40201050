"""The answers of an evaluation, of all processes, and how callbacks find each other."""

from itertools import chain
from typing import Any, TypeVar

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import distributed

from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.evaluation.evaluate import RowAnswer, row_answers, with_texts
from arabic_mtl.formats import Split

C = TypeVar("C", bound=Callback)
T = TypeVar("T")


def the(kind: type[C], trainer: Any) -> C:
    """The Trainer's callback of a kind.

    Raises:
        InputError: If it has none.
    """
    for callback in trainer.callbacks:
        if isinstance(callback, kind):
            return callback
    raise InputError(
        "a Trainer has all callbacks that its others need",
        found=f"no {kind.__name__}",
        expected=f"one among them: {kind.__name__}()",
    )


def gather(own: list[T], world_size: int) -> list[T]:
    """The items of all processes, in the order of their ranks; to be called by all.

    Args:
        own: Those of this process.
        world_size: How many processes there are.
    """
    if world_size == 1:
        return own
    everyone: list[Any] = [None] * world_size
    distributed.all_gather_object(everyone, own)
    return list(chain.from_iterable(everyone))


class AnswerCollector(Callback):
    """Keeps the answers of a validation or test, for those who ask beforehand."""

    def __init__(self) -> None:
        self._rows: list[RowAnswer] = []
        self._is_asked = self._keeps = False

    def ask(self) -> None:
        """Asks for the answers of the next validation or test: to decode them takes time."""
        self._is_asked = True

    def answers(self, trainer: Trainer, data: MultiTaskData, split: Split) -> list[Answer]:
        """Those of all processes, for the first of them; to be called by all."""
        rows = gather(self._rows, trainer.world_size)
        return with_texts(rows, data, split) if trainer.is_global_zero else []

    def on_validation_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Starts anew."""
        self._rows, self._keeps, self._is_asked = [], self._is_asked, False

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: Any,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keeps a batch's answers."""
        if self._keeps:
            self._rows += row_answers(outputs)

    on_test_epoch_start = on_validation_epoch_start
    on_test_batch_end = on_validation_batch_end
