"""Commands that run on several processes."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import torch
from lightning.pytorch.strategies import StrategyRegistry
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from arabic_mtl.cli.commands import Commands

QUICKSTART = Path(__file__).parents[2] / "configs" / "quickstart.yaml"


def test_gradients_are_added_up_where_they_lie(tmp_path: Path) -> None:
    with patch.dict(StrategyRegistry):
        Commands(["--config", str(QUICKSTART)], run=False)
        strategy = StrategyRegistry.get("ddp")
    store = distributed.FileStore(str(tmp_path / "store"), 1)
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        strategy.cluster_environment = None
        strategy.parallel_devices = [torch.device("cpu")]
        wrapped = strategy._setup_model(nn.Linear(2, 1))
        assert isinstance(wrapped, DistributedDataParallel)
        assert wrapped.gradient_as_bucket_view
    finally:
        distributed.destroy_process_group()
