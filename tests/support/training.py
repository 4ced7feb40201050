"""Two small corpora, a small model without dropout, and Trainers that write no files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import torch
from lightning.pytorch import Callback, Trainer

from arabic_mtl.callbacks import StepSeed
from arabic_mtl.data import MultiTaskData, SamplingPlan
from arabic_mtl.decoders import SpanCondition
from arabic_mtl.formats import SemEval2016
from arabic_mtl.model.encoders import TransformerEncoder, WordEncoder
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)
from arabic_mtl.text import TextSettings
from arabic_mtl.training import MultiTaskModule
from support.batches import row_numbers
from support.configurations import CATEGORIES, POLARITIES, TINY
from support.semeval import hotel_xml, rename_reviews

NO_DROPOUT = {**TINY, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
WORDS_WITHOUT_DROPOUT = WordEncoder(
    size=16, buckets=500, hidden=8, layers=2, dropout=0.0, word_dropout=0.0, token_dropout=0.0
)
ENTITIES = ("ROOMS", "SERVICE", "LOCATION")
Rows = dict[str, list[int]]
"""Corpus to the rows of a batch."""


def four_tasks() -> dict[str, Task]:
    """Returns one task of each kind; the last one reads its own corpus."""
    labels = tuple(POLARITIES)
    span: Any = {"corpus": "texts", "layer": "polarity", "labels": labels}
    return {
        "span": SpanClassification(**span, spans_from="ner", weight=0.5),
        "ner": TokenClassification(corpus="texts", layer="entity", labels=ENTITIES, weight=2.0),
        "category": MultiLabelClassification(
            corpus="texts", layer="category", labels=tuple(CATEGORIES)
        ),
        "pair": SequenceClassification(corpus="pairs", layer="polarity", labels=labels, weight=3.0),
    }


def tasks_with_all_options() -> dict[str, Task]:
    """Returns the four tasks with all options of their heads."""
    tasks: Any = four_tasks()
    condition = SpanCondition(layer="aspect", labels=tuple(CATEGORIES), predicted_by="category")
    options = {
        "window": 2,
        "attention": True,
        "condition": condition,
        "label_weights": {"neutral": 2.0},
    }
    return tasks | {
        "span": replace(tasks["span"], **options),
        "ner": replace(tasks["ner"], crf=True),
        "category": replace(tasks["category"], evidence="category"),
    }


def two_corpora(
    folder: Path,
    texts: str,
    pairs: str,
    *,
    others: bool = False,
    unit: Literal["sentence", "opinion"] = "opinion",
    **settings: Any,
) -> MultiTaskData:
    """Returns a corpus of sentences for three tasks, and a corpus of opinions for the fourth.

    Args:
        folder: The folder of the files and the cache.
        texts: The XML of the sentences.
        pairs: The XML of the opinions.
        others: True if validation and test split have the texts of ``others.xml`` in both corpora.
        unit: The unit of the second corpus.
        settings: Arguments of `MultiTaskData`.
    """
    files = {
        name: write_splits(folder, name, content, folder / "others.xml" if others else None)
        for name, content in (("texts", texts), ("pairs", pairs))
    }
    defaults: dict[str, Any] = {
        "tasks": four_tasks(),
        "text": TextSettings(vocab_size=200),
        "root": folder,
        "cache": folder / "cache",
    }
    corpora = {
        "texts": SemEval2016(**files["texts"]),
        "pairs": SemEval2016(**files["pairs"], unit=unit),
    }
    return MultiTaskData(corpora, **(defaults | settings))


def write_splits(folder: Path, name: str, xml: str, others: Path | None) -> dict[str, Any]:
    """Writes the files of a corpus, whose reviews have other ids in each split.

    Args:
        folder: The folder of the files.
        name: The beginning of the file names.
        xml: The texts of all splits.
        others: A file with the texts of validation and test split, if these differ.
    """
    paths = {}
    for split in ("train", "validation", "test"):
        paths[split] = Path(f"{name}-{split}.xml")
        if not (folder / paths[split]).exists():
            content = others.read_text(encoding="utf-8") if others and split != "train" else xml
            (folder / paths[split]).write_text(rename_reviews(content, split), encoding="utf-8")
    return paths


def hotel_data(folder: Path, **settings: Any) -> MultiTaskData:
    """Returns data of 36 sentences and 18 opinions in each split."""
    plan = {"plan": SamplingPlan(batch_size=8)}
    return two_corpora(folder, hotel_xml(2), hotel_xml(1), **(plan | settings))


def small_module(data: MultiTaskData, **options: Any) -> MultiTaskModule:
    """Returns a small model without dropout, always with the same initial weights.

    Args:
        data: Decides the tasks, and the encoder by its kind of tokens.
        options: Arguments of `MultiTaskModule`.
    """
    torch.manual_seed(0)
    words = data.text.form == "words"
    encoder = WORDS_WITHOUT_DROPOUT if words else TransformerEncoder(config=NO_DROPOUT)
    return MultiTaskModule(data.tasks, encoder, **({"dropout": 0.0} | options))


def quiet_trainer(folder: Path, *callbacks: Callback, **options: Any) -> Trainer:
    """Returns a Trainer without logger, validation, progress bar and default checkpoints."""
    defaults: dict[str, Any] = {
        "accelerator": "cpu",
        "callbacks": [StepSeed(0), *callbacks],
        "logger": False,
        "enable_checkpointing": any("Checkpoint" in type(c).__name__ for c in callbacks),
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "num_sanity_val_steps": 0,
        "limit_val_batches": 0,
        "default_root_dir": folder,
    }
    return Trainer(**(defaults | options))


class RowRecorder(Callback):
    """Records the rows of each batch.

    Args:
        stop: Raises `Interruption` at the start of this batch, counted over all epochs.
    """

    def __init__(self, stop: int | None = None) -> None:
        self.stop = stop
        self.train: list[tuple[int, Rows]] = []
        self.validation: list[Rows] = []

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: Any, batch: Any, batch_idx: int
    ) -> None:
        if len(self.train) == self.stop:
            raise Interruption
        self.train.append((trainer.current_epoch, row_numbers(batch)))

    def on_validation_batch_start(
        self,
        trainer: Trainer,
        pl_module: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        self.validation.append(row_numbers(batch))


class Interruption(Exception):  # noqa: N818 - deliberate, not an error
    """The end of a run in the middle of an epoch."""
