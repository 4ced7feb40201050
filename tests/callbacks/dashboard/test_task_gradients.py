"""The tasks' gradients on the encoder, and their cosines."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lightning.pytorch import Callback
from lightning.pytorch.strategies import DDPStrategy, FSDPStrategy, SingleDeviceStrategy
from torch import Tensor

from arabic_mtl.callbacks.dashboard.gradients import can_compare, compare, task_gradients
from arabic_mtl.data import SamplingPlan
from arabic_mtl.model.encoders import TransformerEncoder
from arabic_mtl.training import MultiTaskModule
from support.closeness import assert_same
from support.configurations import TINY
from support.training import hotel_data, quiet_trainer

pytestmark = pytest.mark.runs


def test_cosines_and_norms_by_hand() -> None:
    one = [torch.tensor([3.0, 0.0]), torch.tensor([[4.0]])]
    other = [torch.tensor([0.0, 1.0]), torch.tensor([[-1.0]])]
    nothing = [torch.zeros(2), torch.zeros(1, 1)]
    assert compare({"a": one, "b": other, "c": nothing}) == pytest.approx(
        {"norm/a": 5.0, "norm/b": 2**0.5, "cosine/a-b": -4 / (5 * 2**0.5)}
    )
    assert compare({}) == {}


def state(module: MultiTaskModule) -> list[Tensor]:
    """Returns the random state, the weights and the gradients of the last step."""
    parameters = list(module.parameters())
    grads = [p.grad for p in parameters if p.grad is not None]
    return [torch.get_rng_state(), *(tensor.clone() for tensor in [*parameters, *grads])]


class GradientRecorder(Callback):
    """Records at each step the tasks' gradients, and the encoder's gradient of the step itself."""

    def __init__(self) -> None:
        self.sums: list[Tensor] = []
        self.steps: list[Tensor] = []
        self.tasks: list[set[str]] = []

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, _: int) -> None:
        before = state(pl_module)
        found = task_gradients(pl_module, batch)
        assert all(torch.equal(*pair) for pair in zip(before, state(pl_module), strict=True))
        parts = [torch.cat([g.flatten() for g in gradients]) for gradients in found.values()]
        self.sums.append(torch.stack(parts).sum(dim=0))
        self.tasks.append(set(found))
        torch.manual_seed(trainer.global_step)  # the same dropout as in `task_gradients`

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
        grads = [p.grad.flatten() for p in pl_module.network.encoder.parameters()]
        self.steps.append(torch.cat(grads))


def test_the_gradients_of_all_tasks_add_up_to_that_of_the_step(tmp_path: Path) -> None:
    data = hotel_data(tmp_path, plan=SamplingPlan(batch_size=4, pool=1))
    module = MultiTaskModule(data.tasks, TransformerEncoder(config=TINY), lr=1e-2)
    recorder = GradientRecorder()
    quiet_trainer(tmp_path, recorder, max_steps=12).fit(module, datamodule=data)
    assert {len(tasks) for tasks in recorder.tasks} == {3, 4}  # some batches have no opinion
    for found, expected in zip(recorder.sums, recorder.steps, strict=True):
        assert float(expected.abs().max()) > 1e-3
        assert_same({"sum": found}, {"sum": expected})


@pytest.mark.parametrize(
    ("strategy", "precision", "able"),
    [
        (SingleDeviceStrategy(), "32-true", True),
        (SingleDeviceStrategy(), "bf16-mixed", True),
        (SingleDeviceStrategy(), "16-mixed", False),
        (DDPStrategy(), "32-true", True),
        (FSDPStrategy(), "32-true", False),
    ],
    ids=["one", "bf16", "fp16", "ddp", "sharded"],
)
def test_supported_strategies_and_precisions(strategy: Any, precision: str, able: bool) -> None:
    trainer: Any = SimpleNamespace(strategy=strategy, precision=precision)
    assert can_compare(trainer) is able
