"""Sharded training (FSDP2), for encoders that do not fit on one device."""

from collections.abc import Iterable
from typing import Any

from lightning.pytorch.callbacks import WeightAveraging
from lightning.pytorch.strategies import DeepSpeedStrategy, FSDPStrategy, Strategy
from torch import nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import fully_shard

from arabic_mtl.errors import InputError


def shard(modules: Iterable[nn.Module], mesh: DeviceMesh) -> None:
    """Shards the parameters of modules over the data-parallel processes (FSDP2).

    Args:
        modules: The modules; each one's parameters are gathered when it is called. A module must
            come before the module that contains it.
        mesh: The device mesh of Lightning's ``ModelParallelStrategy``.

    Raises:
        InputError: If the strategy is configured for tensor parallelism.
    """
    if mesh["tensor_parallel"].size() > 1:
        raise InputError(
            "layers must not be split over processes (tensor parallelism)",
            found=f"tensor_parallel_size: {mesh['tensor_parallel'].size()}",
            expected="tensor_parallel_size: 1, and data_parallel_size: the number of processes",
        )
    for module in modules:
        fully_shard(module, mesh=mesh["data_parallel"])


def require_no_average(trainer: Any) -> None:
    """Raises `InputError` if a callback averages weights, which is impossible with shards.

    Raises:
        InputError: If the Trainer has such a callback; the message names it.
    """
    for callback in trainer.callbacks:
        if isinstance(callback, WeightAveraging):
            raise InputError(
                "weight averaging must not be combined with sharded parameters",
                found=f"{type(callback).__name__} and sharded parameters",
                expected="--trainer.strategy=ddp, or no weight averaging",
            )


def require_whole_gradients(strategy: Strategy) -> None:
    """Raises `InputError` if a strategy flattens and splits gradients, which prevents clipping.

    Raises:
        InputError: If the strategy does; the message names it.
    """
    if isinstance(strategy, FSDPStrategy | DeepSpeedStrategy):
        raise InputError(
            "the strategy must support clipping by the norm of all parameters",
            found=f"trainer.strategy: {type(strategy).__name__}",
            expected="ddp, or the strategy of configs/parallel/fsdp.yaml",
        )
