"""Two small corpora, a model without dropout, and Trainers that leave nothing behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer

from arabic_mtl.callbacks import StepSeed
from arabic_mtl.data import MultiTaskData, SamplingPlan
from arabic_mtl.decoders import Given
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
from support.batches import numbers_of
from support.configurations import CATEGORIES, POLARITIES, TINY
from support.semeval import hotel_xml, regrouped

STILL = {**TINY, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
STILL_WORDS = WordEncoder(
    size=16, buckets=500, hidden=8, layers=2, dropout=0.0, word_dropout=0.0, token_dropout=0.0
)
ENTITIES = ("ROOMS", "SERVICE", "LOCATION")
Rows = dict[str, list[int]]
"""Corpus to the rows of a batch."""


def four_tasks() -> dict[str, Task]:
    """One of each kind; the last reads a corpus of its own."""
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


def every_option() -> dict[str, Task]:
    """The same, with all that a head can look at."""
    tasks: Any = four_tasks()
    given = Given(layer="aspect", labels=tuple(CATEGORIES), found_by="category")
    looks = {"window": 2, "attention": True, "given": given, "label_weights": {"neutral": 2.0}}
    return tasks | {
        "span": replace(tasks["span"], **looks),
        "ner": replace(tasks["ner"], crf=True),
        "category": replace(tasks["category"], evidence="category"),
    }


def two_corpora(
    folder: Path, texts: str, pairs: str, *, others: bool = False, **settings: Any
) -> MultiTaskData:
    """A corpus of sentences for three tasks, and one of opinions for the fourth.

    Args:
        folder: Where their files are written, and the cache.
        texts: The XML of the one.
        pairs: The XML of the other.
        others: Whether splits but the first have the texts of ``others.xml``, in both corpora.
        settings: Of the data module.
    """
    files = {
        name: written(folder, name, content, folder / "others.xml" if others else None)
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
        "pairs": SemEval2016(**files["pairs"], unit="opinion"),
    }
    return MultiTaskData(corpora, **(defaults | settings))


def written(folder: Path, name: str, xml: str, others: Path | None) -> dict[str, Any]:
    """A corpus's files, of different reviews: all of the same texts, but for those of others."""
    paths = {}
    for split in ("train", "validation", "test"):
        paths[split] = Path(f"{name}-{split}.xml")
        if not (folder / paths[split]).exists():
            other = others.read_text(encoding="utf-8") if others and split != "train" else xml
            (folder / paths[split]).write_text(regrouped(other, split), encoding="utf-8")
    return paths


def hotel_data(folder: Path, **settings: Any) -> MultiTaskData:
    """36 sentences and 18 opinions, for training and for everything else."""
    plan = {"plan": SamplingPlan(batch_size=8)}
    return two_corpora(folder, hotel_xml(2), hotel_xml(1), **(plan | settings))


def still_module(data: MultiTaskData, **options: Any) -> MultiTaskModule:
    """A model without dropout, the same every time, of the encoder that its text is for."""
    torch.manual_seed(0)
    words = data.text.form == "words"
    encoder = STILL_WORDS if words else TransformerEncoder(config=STILL)
    return MultiTaskModule(data.tasks, encoder, **({"dropout": 0.0} | options))


def quiet_trainer(folder: Path, *callbacks: Callback, **options: Any) -> Trainer:
    """A Trainer without logs, checkpoints of its own, validation and progress bar."""
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


class Seen(Callback):
    """Remembers the rows of every batch.

    Args:
        stop: Raise `Broken` at the start of this batch, counted over all epochs.
    """

    def __init__(self, stop: int | None = None) -> None:
        self.stop = stop
        self.train: list[tuple[int, Rows]] = []
        self.validation: list[Rows] = []

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: Any, batch: Any, batch_idx: int
    ) -> None:
        if len(self.train) == self.stop:
            raise Broken
        self.train.append((trainer.current_epoch, numbers_of(batch)))

    def on_validation_batch_start(
        self,
        trainer: Trainer,
        pl_module: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        self.validation.append(numbers_of(batch))


class Broken(Exception):  # noqa: N818 - an end, not an error
    """A run that was broken off."""
