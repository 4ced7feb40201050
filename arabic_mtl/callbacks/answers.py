"""What the model says in an evaluation, kept for those who want to look."""

from collections.abc import Mapping
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from arabic_mtl.callbacks.gathering import gather
from arabic_mtl.corpora import Split
from arabic_mtl.data import MultiTaskData
from arabic_mtl.evaluation.answer import Answer
from arabic_mtl.evaluation.rows import RowAnswer, row_answers, with_gold
from arabic_mtl.tasks import Batch


class AnswerCollector(Callback):
    """Keeps the answers of the latest validation or test."""

    def __init__(self) -> None:
        self._rows: list[RowAnswer] = []

    def answers(self, trainer: Trainer, data: MultiTaskData, split: Split) -> list[Answer]:
        """Those of all processes, for the first of them; to be called by all."""
        rows = gather(self._rows, trainer.world_size)
        return with_gold(rows, data, split) if trainer.is_global_zero else []

    def on_validation_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Starts anew."""
        self._rows = []

    def on_test_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Starts anew."""
        self._rows = []

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keeps a batch's answers."""
        self._keep(outputs, batch, pl_module)

    def on_test_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keeps a batch's answers."""
        self._keep(outputs, batch, pl_module)

    def _keep(self, logits: Mapping[str, Tensor], batch: Batch, module: Any) -> None:
        self._rows += row_answers(batch, logits, module.tasks)
