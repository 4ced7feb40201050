"""The module gets its text pipeline and number of steps from the Trainer's DataModule."""

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
from support.training import hotel_data, quiet_trainer, small_module


class OwnData(LightningDataModule):
    """A custom DataModule with all members that training requires."""

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
    """The pipeline is created at the first access."""
    data = hotel_data(tmp_path)
    assert isinstance(data, TrainingData)
    assert data.text.encode(["الغرفة"], [None])
    assert data.text is data.text


def test_loaders_without_a_datamodule_are_refused(tmp_path: Path) -> None:
    module = small_module(hotel_data(tmp_path))
    loader = DataLoader([1, 2])  # type: ignore[arg-type]
    for command in ("fit", "validate", "test"):
        with pytest.raises(InputError) as error:
            getattr(quiet_trainer(tmp_path), command)(module, loader)
        refused(error, "only data loaders")


def test_other_data_are_refused(tmp_path: Path) -> None:
    module = small_module(hotel_data(tmp_path))
    with pytest.raises(InputError) as error:
        quiet_trainer(tmp_path).fit(module, datamodule=LightningDataModule())
    refused(error, "LightningDataModule")


def test_module_without_trainer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        small_module(hotel_data(tmp_path)).configure_model()
    refused(error, "no Trainer")
    with pytest.raises(InputError):
        training_data(LightningModule())


def test_module_can_be_built_without_trainer(tmp_path: Path) -> None:
    """The module keeps its parameters when a Trainer is attached."""
    data = hotel_data(tmp_path)
    module = small_module(data)
    module.build(data.text)
    initial = list(module.parameters())
    quiet_trainer(tmp_path, max_steps=1).fit(module, datamodule=data)
    assert all(old is new for old, new in zip(initial, module.parameters(), strict=True))


def test_custom_data_can_be_used_for_training(tmp_path: Path) -> None:
    data = hotel_data(tmp_path)
    data.prepare_data()
    data.setup()
    batches = [data.on_before_batch_transfer(parts, 0) for parts, *_ in data.train_dataloader()]
    own_data, module = OwnData(data.text, batches[:3]), small_module(data)
    trainer = quiet_trainer(tmp_path, max_epochs=1)
    trainer.fit(module, datamodule=own_data)
    assert trainer.global_step == own_data.updates() == 3
