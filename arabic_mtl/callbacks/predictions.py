"""Predictions as JSON lines."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import BasePredictionWriter

from arabic_mtl.callbacks.gathering import gather
from arabic_mtl.files import replacing
from arabic_mtl.model import Prediction


class PredictionWriter(BasePredictionWriter):
    """Writes one JSON object per text: corpus, id, text, and each task's answer.

    Offsets count characters of the text as it stands in the file. The lines are in the file's
    order, and the output appears under its name only when it is complete.

    Args:
        output: The file to write.
    """

    def __init__(self, output: Path) -> None:
        super().__init__(write_interval="epoch")
        self.output = output

    def write_on_epoch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        predictions: Sequence[Any],
        batch_indices: Sequence[Any],
    ) -> None:
        """Gathers the predictions of all processes and writes them."""
        parts = gather(list(_flatten(predictions)), trainer.world_size)
        if not trainer.is_global_zero:
            return
        tables = trainer.datamodule.tables["predict"]  # type: ignore[attr-defined]
        answers = {(p.corpus, number): answer for p in parts for number, answer in _rows(p)}
        with replacing(self.output) as unfinished, unfinished.open("w", encoding="utf-8") as file:
            for corpus, table in tables.items():
                for number, row in enumerate(table.select_columns(["id", "text", "pair"])):
                    file.write(_line(corpus, row, answers[corpus, number]) + "\n")
        print(f"{len(answers)} texts annotated in {self.output}")


def _line(corpus: str, row: dict[str, Any], answers: dict[str, Any]) -> str:
    """One JSON object; spans get the piece of text that they are."""
    found = [a for answer in answers.values() if isinstance(answer, list) for a in answer]
    spans = [a for a in found if "start" in a]
    for span in spans:
        span["text"] = row["text"][span["start"] : span["end"]] or None
    pair = {} if row["pair"] is None else {"text_pair": row["pair"]}
    texts = {"id": row["id"], "text": row["text"], **pair}
    return json.dumps({"corpus": corpus, **texts, **answers}, ensure_ascii=False)


def _flatten(predictions: Sequence[Any]) -> Iterable[Prediction]:
    """Lightning nests the batches by loader only where there are several."""
    for item in predictions:
        yield from [item] if isinstance(item, Prediction) else _flatten(item)


def _rows(part: Prediction) -> Iterable[tuple[int, dict[str, Any]]]:
    for position, number in enumerate(part.numbers):
        yield number, {name: answers[position] for name, answers in part.answers.items()}
