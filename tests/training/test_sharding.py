"""Options that are refused with sharded parameters."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from lightning.pytorch.callbacks import EMAWeightAveraging, LearningRateMonitor
from lightning.pytorch.strategies import (
    DDPStrategy,
    DeepSpeedStrategy,
    FSDPStrategy,
    ModelParallelStrategy,
    SingleDeviceStrategy,
)

from arabic_mtl.errors import InputError
from arabic_mtl.training.parallel import require_no_average, require_whole_gradients, shard


@pytest.mark.parametrize("kind", [FSDPStrategy, DeepSpeedStrategy])
def test_strategies_with_split_gradients_are_refused(kind: type[Any]) -> None:
    with pytest.raises(InputError, match=r"trainer\.strategy") as error:
        require_whole_gradients(Mock(spec=kind))
    assert str(error.value.expected).endswith("configs/parallel/fsdp.yaml")


@pytest.mark.parametrize("kind", [SingleDeviceStrategy, DDPStrategy, ModelParallelStrategy])
def test_strategies_with_whole_gradients_are_accepted(kind: type[Any]) -> None:
    require_whole_gradients(Mock(spec=kind))


def test_tensor_parallelism_is_refused() -> None:
    mesh: Any = {"tensor_parallel": SimpleNamespace(size=lambda: 2)}
    with pytest.raises(InputError, match="data_parallel_size") as error:
        shard([], mesh)
    assert error.value.found == "tensor_parallel_size: 2"


def test_weight_averaging_with_shards_is_refused() -> None:
    callbacks: list[Any] = [LearningRateMonitor()]
    require_no_average(SimpleNamespace(callbacks=callbacks))
    callbacks.append(EMAWeightAveraging())
    with pytest.raises(InputError, match=r"--trainer\.strategy=ddp") as error:
        require_no_average(SimpleNamespace(callbacks=callbacks))
    assert str(error.value.found).startswith("EMAWeightAveraging ")
