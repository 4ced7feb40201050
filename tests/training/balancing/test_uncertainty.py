"""Weights learned with the model: TorchJD's, but for tasks that have nothing to say."""

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
from support.training import Broken, Seen, hotel_data, quiet_trainer, still_module

pytestmark = pytest.mark.runs

ALL = torch.tensor([True, True, True])
START = [0.4, -0.7, 1.5]


def made(log_variance: list[float]) -> Balancer:
    """A balancer that has learned something."""
    balancer = UncertaintyWeights().build(len(log_variance))
    with torch.no_grad():
        for parameter, value in zip(balancer.parameters(), log_variance, strict=True):
            parameter.fill_(value)
    return balancer


def learned(balancer: Balancer) -> Tensor:
    """A value per task."""
    return torch.cat([parameter.detach().clone() for parameter in balancer.parameters()])


def loss_of(balancer: Balancer, values: Tensor, present: Tensor, once: float = 1.0) -> Tensor:
    loss: Tensor = balancer(Losses(values, present, once, 0), nn.Linear(1, 1), _unused)
    return loss


def gradient(balancer: Balancer) -> Tensor:
    found = [parameter.grad for parameter in balancer.parameters()]
    return torch.cat([each for each in found if each is not None])


def _unused(tensor: Tensor) -> Tensor:
    raise AssertionError("each process goes by its own share")


def test_it_is_torchjds_where_all_tasks_are_there() -> None:
    reference, balancer = UW(3), made(START)
    with torch.no_grad():
        reference.log_var.copy_(torch.tensor(START))
    values = [torch.tensor([0.5, 2.0, 1.25], requires_grad=True) for _ in range(2)]
    expected, found = reference(values[0]), loss_of(balancer, values[1], ALL)
    expected.backward()
    found.backward()
    assert reference.log_var.grad is not None
    assert values[0].grad is not None
    assert values[1].grad is not None
    assert_same(
        {"loss": found, "weights": gradient(balancer), "losses": values[1].grad},
        {"loss": expected, "weights": reference.log_var.grad, "losses": values[0].grad},
        within=1e-6,
    )
    assert gradient(balancer).abs().min() > 0.01


def test_it_begins_with_half_the_sum() -> None:
    balancer = UncertaintyWeights().build(3)
    assert loss_of(balancer, torch.tensor([0.5, 2.0, 1.5]), ALL).item() == 2.0


def test_an_absent_task_has_no_part_in_it() -> None:
    balancer = made(START)
    present = torch.tensor([True, False, True])
    loss = loss_of(balancer, torch.tensor([0.5, 0.0, 1.25]), present)
    loss.backward()
    two = made([START[0], START[2]])
    expected = loss_of(two, torch.tensor([0.5, 1.25]), torch.tensor([True, True]))
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    assert gradient(balancer)[1].item() == 0.0
    torch.testing.assert_close(gradient(balancer)[[0, 2]], gradient(two))


@pytest.mark.parametrize(("accumulate", "batches"), [(1, 1), (4, 4), (4, 3)])
def test_it_counts_once_per_update(accumulate: int, batches: int) -> None:
    """As Lightning has it: each batch's loss is divided by the batches of a full update."""
    shares = torch.rand(batches, 3)
    whole, parts = made(START), made(START)
    loss_of(whole, shares.sum(dim=0), ALL).backward()
    for share in shares:
        once = accumulate / batches
        loss = loss_of(parts, share * accumulate, ALL, once) / accumulate
        loss.backward()
    torch.testing.assert_close(gradient(parts), gradient(whole), rtol=1e-5, atol=1e-6)


def test_its_parameters_are_a_group_of_their_own(tmp_path: Path) -> None:
    data = hotel_data(tmp_path, plan=SamplingPlan(batch_size=8, pool=1))
    module = still_module(data, balancing=UncertaintyWeights(lr=0.5), lr=1e-3, warmup=0.0)
    trainer = quiet_trainer(tmp_path, max_steps=1)
    trainer.fit(module, datamodule=data)
    groups = trainer.optimizers[0].param_groups
    assert [group["initial_lr"] for group in groups] == [1e-3, 1e-3, 0.5]
    assert [group["weight_decay"] for group in groups] == [0.01, 0.0, 0.0]
    own = {id(parameter) for parameter in module.balancer.parameters()}
    assert {id(parameter) for parameter in groups[2]["params"]} == own
    assert not own & {id(p) for group in groups[:2] for p in group["params"]}
    # Adam's first step is as long as the rate, whatever the gradient.
    assert learned(module.balancer).abs().tolist() == [pytest.approx(0.5, rel=1e-4)] * 4


class Watch(Callback):
    """Remembers which tasks an update is about, and what is learned by then."""

    def __init__(self) -> None:
        self.found: list[tuple[list[bool], list[float]]] = []

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        present = [items > 0 for items in batch.update.items.values()]
        self.found.append((present, learned(pl_module.balancer).tolist()))


def test_an_update_moves_the_tasks_that_it_is_about_and_no_other(tmp_path: Path) -> None:
    data = hotel_data(tmp_path, plan=SamplingPlan(batch_size=8, step="single"))
    module = still_module(data, balancing=UncertaintyWeights(lr=0.1), warmup=0.0)
    watch = Watch()
    quiet_trainer(tmp_path, watch, max_epochs=2).fit(module, datamodule=data)
    assert len(watch.found) == 16
    for (_, before), (present, after) in pairwise(watch.found):
        assert present in ([True, True, True, False], [False, False, False, True])
        moved = [old != new for old, new in zip(before, after, strict=True)]
        assert moved == present


def test_a_run_that_goes_on_knows_what_it_has_learned(tmp_path: Path) -> None:
    def fit(name: str, stop: int | None = None, resume: Path | None = None) -> Tensor:
        data = hotel_data(tmp_path, plan=SamplingPlan(batch_size=8, step="single"))
        module = still_module(data, balancing=UncertaintyWeights(lr=0.1))
        last = LastCheckpoint(every_n_steps=None)
        last.dirpath = str(tmp_path / name)
        trainer = quiet_trainer(tmp_path, Seen(stop), last, max_epochs=2)
        with pytest.raises(Broken) if stop else nullcontext():
            trainer.fit(module, datamodule=data, ckpt_path=resume, weights_only=True)
        return learned(module.balancer)

    expected = fit("whole")
    fit("part", stop=12)  # in the second epoch, of 8 steps like the first
    saved = torch.load(tmp_path / "part" / "last.ckpt", weights_only=True)
    parts = [value for name, value in saved["state_dict"].items() if "log_variance" in name]
    assert saved["global_step"] == 8
    assert torch.cat(parts).abs().min() > 0.01
    found = fit("again", resume=tmp_path / "part" / "last.ckpt")
    assert torch.equal(found, expected)
    assert not torch.equal(found, torch.cat(parts))


@pytest.mark.parametrize("lr", [0.0, -1.0, float("nan"), float("inf")])
def test_weights_are_learned_at_a_rate(lr: float) -> None:
    with pytest.raises(InputError, match=r"model\.balancing\.lr") as error:
        UncertaintyWeights(lr=lr)
    assert error.value.found == f"model.balancing.lr: {lr}"
