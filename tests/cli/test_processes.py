"""Commands that run on several processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch.strategies import SingleDeviceStrategy, Strategy, StrategyRegistry
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from arabic_mtl.cli.commands import Commands

QUICKSTART = Path(__file__).parents[2] / "configs" / "quickstart.yaml"
OWN = "lightning.pytorch.strategies.DDPStrategy"


def commands(*options: str) -> Commands:
    alone = ["--trainer.accelerator=cpu", "--trainer.enable_progress_bar=false"]
    return Commands(["--config", str(QUICKSTART), *alone, *options], run=False)


def wrapped(strategy: Any, folder: Path) -> DistributedDataParallel:
    """Returns a model wrapped by a strategy, in a process group of one."""
    store = distributed.FileStore(str(folder / "store"), 1)
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        strategy.cluster_environment = None
        strategy.parallel_devices = [torch.device("cpu")]
        model = strategy._setup_model(nn.Linear(2, 1))
    finally:
        distributed.destroy_process_group()
    assert isinstance(model, DistributedDataParallel)
    return model


@pytest.mark.parametrize(
    ("options", "in_place", "finds_unused"),
    [
        (("--trainer.strategy=ddp",), True, False),
        (("--trainer.strategy=DDP", "--trainer.devices=2"), True, False),
        (("--trainer.devices=2",), True, False),
        (("--trainer.num_nodes=2", "--trainer.devices=1"), True, False),
        (("--trainer.strategy=ddp_find_unused_parameters_true",), False, True),
        ((f"--trainer.strategy={{'class_path': '{OWN}'}}",), False, False),
    ],
)
def test_gradients_are_reduced_in_place(
    tmp_path: Path, options: tuple[str, ...], in_place: bool, finds_unused: bool
) -> None:
    model = wrapped(commands(*options).trainer.strategy, tmp_path)
    assert model.gradient_as_bucket_view == in_place
    assert model.find_unused_parameters == finds_unused


def test_one_process_has_no_ddp() -> None:
    assert type(commands("--trainer.devices=1").trainer.strategy) is SingleDeviceStrategy


def test_configuration_keeps_the_strategy_name() -> None:
    built = commands("--trainer.strategy=ddp")
    assert isinstance(built.trainer.strategy, Strategy)
    assert built.config.trainer.strategy == "ddp"
    assert "strategy: ddp\n" in built.parser.dump(built.config)


def test_strategy_registry_is_unchanged() -> None:
    before = {name: dict(entry) for name, entry in StrategyRegistry.items()}
    commands("--trainer.strategy=ddp", "--trainer.devices=2")
    assert dict(StrategyRegistry) == before
    assert before["ddp"]["init_params"] == {"start_method": "popen"}
