"""What the model says in an evaluation, kept for those who want to look."""

from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from arabic_mtl.callbacks.gathering import gather
from arabic_mtl.corpora import Split
from arabic_mtl.data import MultiTaskData
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.evaluation.rows import RowAnswer, row_answers, with_gold


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
        return with_gold(rows, data, split) if trainer.is_global_zero else []

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
            self._rows += row_answers(batch, outputs, pl_module.tasks)

    on_test_epoch_start = on_validation_epoch_start
    on_test_batch_end = on_validation_batch_end
