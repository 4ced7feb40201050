"""Random seeds as a function of seed, epoch, step and rank."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from arabic_mtl.callbacks import StepSeed

FIRST = {"seed": 1, "epoch": 2, "step": 3, "rank": 0}


def dropped(seed: int, epoch: int, step: int, rank: int) -> Tensor:
    """Returns ones after dropout at a training step."""
    trainer: Any = SimpleNamespace(current_epoch=epoch, global_rank=rank)
    module: Any = None
    StepSeed(seed).on_train_batch_start(trainer, module, None, step)
    return nn.Dropout(0.5)(torch.ones(256))


def test_same_step_same_dropout() -> None:
    first = dropped(**FIRST)
    torch.rand(99)
    assert torch.equal(dropped(**FIRST), first)
    assert 0 < int((first == 0).sum()) < 256


@pytest.mark.parametrize("key", FIRST)
def test_other_step_other_dropout(key: str) -> None:
    other = {**FIRST, key: FIRST[key] + 1}
    assert not torch.equal(dropped(**other), dropped(**FIRST))


def test_coordinates_are_not_summed() -> None:
    assert not torch.equal(dropped(1, 2, 3, 0), dropped(1, 3, 2, 0))
    assert not torch.equal(dropped(0, 0, 1, 0), dropped(1, 0, 0, 0))
