"""Parameters spread over processes, for encoders that do not fit into one device."""

from collections.abc import Iterable
from typing import Any

from lightning.pytorch.callbacks import WeightAveraging
from lightning.pytorch.strategies import DeepSpeedStrategy, FSDPStrategy, Strategy
from torch import nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import fully_shard

from arabic_mtl.errors import InputError


def shard(modules: Iterable[nn.Module], mesh: DeviceMesh) -> None:
    """Spreads the parameters of modules over the data-parallel processes (FSDP2).

    Args:
        modules: Each is gathered when it is called; parts come before what they are part of.
        mesh: Of Lightning's ``ModelParallelStrategy``.

    Raises:
        InputError: If layers, too, are to be split over processes.
    """
    if mesh["tensor_parallel"].size() > 1:
        raise InputError(
            "a layer is computed by one process",
            found=f"tensor_parallel_size: {mesh['tensor_parallel'].size()}",
            expected="tensor_parallel_size: 1, and data_parallel_size: the number of processes",
        )
    for module in modules:
        fully_shard(module, mesh=mesh["data_parallel"])


def require_no_average(trainer: Any) -> None:
    """Refuses to keep an average of parameters that are spread over processes.

    Raises:
        InputError: Naming the callback.
    """
    for callback in trainer.callbacks:
        if isinstance(callback, WeightAveraging):
            raise InputError(
                "weights of which an average is kept are whole in each process",
                found=f"{type(callback).__name__} beside spread parameters",
                expected="--trainer.strategy=ddp, or no such callback",
            )


def require_whole_gradients(strategy: Strategy) -> None:
    """Refuses strategies that show a process only flat pieces of the gradients.

    Raises:
        InputError: Naming the strategy.
    """
    if isinstance(strategy, FSDPStrategy | DeepSpeedStrategy):
        raise InputError(
            "gradients are clipped by the norm of all parameters together",
            found=f"trainer.strategy: {type(strategy).__name__}",
            expected="ddp, or the strategy of configs/parallel/fsdp.yaml",
        )
