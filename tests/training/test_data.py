"""The module asks its Trainer's DataModule for what it needs, and nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lightning.pytorch import LightningDataModule, LightningModule
from torch.utils.data import DataLoader

from arabic_mtl.errors import InputError
from arabic_mtl.text import TextPipeline
from arabic_mtl.training import TrainingData, training_data
from support.messages import assert_names
from support.training import hotel_data, quiet_trainer, still_module


class OwnData(LightningDataModule):
    """Batches made elsewhere, with all that training asks for."""

    def __init__(self, text: TextPipeline, batches: list[Any]) -> None:
        super().__init__()
        self.text, self._batches = text, batches

    def train_dataloader(self) -> DataLoader[Any]:
        return DataLoader(self._batches, batch_size=None)  # type: ignore[arg-type]

    def updates(self) -> int:
        return len(self._batches)


def refused(error: pytest.ExceptionInfo[InputError], found: str) -> None:
    assert_names(error.value.rule, "MultiTaskModule", "MultiTaskData")
    assert error.value.found == found
    assert error.value.expected == "trainer.fit(model, datamodule=data)"


def test_multi_task_data_is_training_data(tmp_path: Path) -> None:
    """Its pipeline is made when it is first asked for, wherever that is."""
    data = hotel_data(tmp_path)
    assert isinstance(data, TrainingData)
    assert data.text.encode(["الغرفة"], [None])
    assert data.text is data.text


def test_loaders_alone_are_refused(tmp_path: Path) -> None:
    module = still_module(hotel_data(tmp_path))
    loader = DataLoader([1, 2])  # type: ignore[arg-type]
    for command in ("fit", "validate", "test"):
        with pytest.raises(InputError) as error:
            getattr(quiet_trainer(tmp_path), command)(module, loader)
        refused(error, "loaders alone")


def test_other_data_are_refused(tmp_path: Path) -> None:
    module = still_module(hotel_data(tmp_path))
    with pytest.raises(InputError) as error:
        quiet_trainer(tmp_path).fit(module, datamodule=LightningDataModule())
    refused(error, "LightningDataModule")


def test_a_module_without_trainer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        still_module(hotel_data(tmp_path)).configure_model()
    refused(error, "no Trainer")
    with pytest.raises(InputError):
        training_data(LightningModule())


def test_a_module_can_be_built_without_trainer(tmp_path: Path) -> None:
    """And keeps its parameters when a Trainer comes."""
    data = hotel_data(tmp_path)
    module = still_module(data)
    module.build(data.text)
    before = list(module.parameters())
    quiet_trainer(tmp_path, max_steps=1).fit(module, datamodule=data)
    assert all(one is other for one, other in zip(before, module.parameters(), strict=True))


def test_own_data_can_be_trained_with(tmp_path: Path) -> None:
    data = hotel_data(tmp_path)
    data.prepare_data()
    data.setup()
    batches = [data.on_before_batch_transfer(parts, 0) for parts, *_ in data.train_dataloader()]
    own, module = OwnData(data.text, batches[:3]), still_module(data)
    trainer = quiet_trainer(tmp_path, max_epochs=1)
    trainer.fit(module, datamodule=own)
    assert trainer.global_step == own.updates() == 3
