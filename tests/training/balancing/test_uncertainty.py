"""Learned task weights: equal to TorchJD's, except for tasks without items."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Callback, Trainer
from torch import Tensor, nn
from torchjd.scalarization import UW

from arabic_mtl.callbacks import LastCheckpoint
from arabic_mtl.data import SamplingPlan
from arabic_mtl.errors import InputError
from arabic_mtl.model.batch import Batch
from arabic_mtl.training.balancing import Balancer, Losses, UncertaintyWeights
from support.closeness import assert_same
from support.training import Interruption, RowRecorder, hotel_data, quiet_trainer, small_module

pytestmark = pytest.mark.runs

ALL = torch.tensor([True, True, True])
START = [0.4, -0.7, 1.5]


def make_balancer(log_variance: list[float]) -> Balancer:
    """Returns a balancer with these parameters."""
    balancer = UncertaintyWeights().build(len(log_variance))
    with torch.no_grad():
        for parameter, value in zip(balancer.parameters(), log_variance, strict=True):
            parameter.fill_(value)
    return balancer


def learned_parameters(balancer: Balancer) -> Tensor:
    """Returns the parameter of each task."""
    return torch.cat([parameter.detach().clone() for parameter in balancer.parameters()])


def weighted_loss(
    balancer: Balancer, values: Tensor, present: Tensor, step_fraction: float = 1.0
) -> Tensor:
    loss: Tensor = balancer(Losses(values, present, step_fraction, 0), nn.Linear(1, 1), _unused)
    return loss


def gradient(balancer: Balancer) -> Tensor:
    gradients = [parameter.grad for parameter in balancer.parameters()]
    return torch.cat([item for item in gradients if item is not None])


def _unused(tensor: Tensor) -> Tensor:
    raise AssertionError("each process goes by its own share")


def test_loss_equals_torchjd_if_all_tasks_are_present() -> None:
    reference, balancer = UW(3), make_balancer(START)
    with torch.no_grad():
        reference.log_var.copy_(torch.tensor(START))
    values = [torch.tensor([0.5, 2.0, 1.25], requires_grad=True) for _ in range(2)]
    expected, actual = reference(values[0]), weighted_loss(balancer, values[1], ALL)
    expected.backward()
    actual.backward()
    assert reference.log_var.grad is not None
    assert values[0].grad is not None
    assert values[1].grad is not None
    assert_same(
        {"loss": actual, "weights": gradient(balancer), "losses": values[1].grad},
        {"loss": expected, "weights": reference.log_var.grad, "losses": values[0].grad},
        rtol=1e-6,
    )
    assert gradient(balancer).abs().min() > 0.01


def test_initial_loss_is_half_the_sum() -> None:
    balancer = UncertaintyWeights().build(3)
    assert weighted_loss(balancer, torch.tensor([0.5, 2.0, 1.5]), ALL).item() == 2.0


def test_absent_task_is_ignored() -> None:
    balancer = make_balancer(START)
    present = torch.tensor([True, False, True])
    loss = weighted_loss(balancer, torch.tensor([0.5, 0.0, 1.25]), present)
    loss.backward()
    two = make_balancer([START[0], START[2]])
    expected = weighted_loss(two, torch.tensor([0.5, 1.25]), torch.tensor([True, True]))
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    assert gradient(balancer)[1].item() == 0.0
    torch.testing.assert_close(gradient(balancer)[[0, 2]], gradient(two))


@pytest.mark.parametrize(("accumulate", "batches"), [(1, 1), (4, 4), (4, 3)])
def test_penalty_counts_once_per_update(accumulate: int, batches: int) -> None:
    """Lightning divides each batch's loss by the number of accumulated batches."""
    shares = torch.rand(batches, 3)
    single, parts = make_balancer(START), make_balancer(START)
    weighted_loss(single, shares.sum(dim=0), ALL).backward()
    for share in shares:
        step_fraction = accumulate / batches
        loss = weighted_loss(parts, share * accumulate, ALL, step_fraction) / accumulate
        loss.backward()
    torch.testing.assert_close(gradient(parts), gradient(single), rtol=1e-5, atol=1e-6)


def test_parameters_have_their_own_group(tmp_path: Path) -> None:
    data = hotel_data(tmp_path, plan=SamplingPlan(batch_size=8, pool=1))
    module = small_module(data, balancing=UncertaintyWeights(lr=0.5), lr=1e-3, warmup=0.0)
    trainer = quiet_trainer(tmp_path, max_steps=1)
    trainer.fit(module, datamodule=data)
    groups = trainer.optimizers[0].param_groups
    assert [group["initial_lr"] for group in groups] == [1e-3, 1e-3, 0.5]
    assert [group["weight_decay"] for group in groups] == [0.01, 0.0, 0.0]
    balancer_ids = {id(parameter) for parameter in module.balancer.parameters()}
    assert {id(parameter) for parameter in groups[2]["params"]} == balancer_ids
    assert not balancer_ids & {id(p) for group in groups[:2] for p in group["params"]}
    # Adam's first step has the size of the learning rate for any gradient.
    assert learned_parameters(module.balancer).abs().tolist() == [pytest.approx(0.5, rel=1e-4)] * 4


class Watch(Callback):
    """Records the tasks of each optimizer step, and the learned parameters."""

    def __init__(self) -> None:
        self.steps: list[tuple[list[bool], list[float]]] = []

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        present = [items > 0 for items in batch.update.items.values()]
        self.steps.append((present, learned_parameters(pl_module.balancer).tolist()))


def test_update_moves_only_tasks_with_items(tmp_path: Path) -> None:
    data = hotel_data(tmp_path, plan=SamplingPlan(batch_size=8, step="single"))
    module = small_module(data, balancing=UncertaintyWeights(lr=0.1), warmup=0.0)
    watch = Watch()
    quiet_trainer(tmp_path, watch, max_epochs=2).fit(module, datamodule=data)
    assert len(watch.steps) == 16
    for (_, previous), (present, current) in pairwise(watch.steps):
        assert present in ([True, True, True, False], [False, False, False, True])
        changed = [old != new for old, new in zip(previous, current, strict=True)]
        assert changed == present


def test_resumed_run_restores_learned_weights(tmp_path: Path) -> None:
    def fit(name: str, stop: int | None = None, resume: Path | None = None) -> Tensor:
        data = hotel_data(tmp_path, plan=SamplingPlan(batch_size=8, step="single"))
        module = small_module(data, balancing=UncertaintyWeights(lr=0.1))
        last = LastCheckpoint(every_n_steps=None)
        last.dirpath = str(tmp_path / name)
        trainer = quiet_trainer(tmp_path, RowRecorder(stop), last, max_epochs=2)
        with pytest.raises(Interruption) if stop else nullcontext():
            trainer.fit(module, datamodule=data, ckpt_path=resume, weights_only=True)
        return learned_parameters(module.balancer)

    expected = fit("whole")
    fit("part", stop=12)  # in the second epoch, of 8 steps like the first
    saved = torch.load(tmp_path / "part" / "last.ckpt", weights_only=True)
    parts = [value for name, value in saved["state_dict"].items() if "log_variance" in name]
    assert saved["global_step"] == 8
    assert torch.cat(parts).abs().min() > 0.01
    actual = fit("again", resume=tmp_path / "part" / "last.ckpt")
    assert torch.equal(actual, expected)
    assert not torch.equal(actual, torch.cat(parts))


@pytest.mark.parametrize("lr", [0.0, -1.0, float("nan"), float("inf")])
def test_learning_rate_must_be_positive_and_finite(lr: float) -> None:
    with pytest.raises(InputError, match=r"model\.balancing\.lr") as error:
        UncertaintyWeights(lr=lr)
    assert error.value.found == f"model.balancing.lr: {lr}"
