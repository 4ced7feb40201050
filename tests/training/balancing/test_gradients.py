"""Balanced gradients are TorchJD's own, on encoder and heads; what cannot be balanced is refused.

The reference is TorchJD's documented way: `mtl_backward`, then `jac_to_grad` on what is shared.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.strategies import DDPStrategy, FSDPStrategy, SingleDeviceStrategy
from torch import Tensor, nn
from torchjd.aggregation import MGDA, Aggregator, AlignedMTL, PCGrad, UPGrad, UPGradWeighting
from torchjd.autojac import jac_to_grad, mtl_backward

from arabic_mtl.data import SamplingPlan
from arabic_mtl.errors import InputError
from arabic_mtl.model.batch import Batch
from arabic_mtl.training.balancing import Balancer, GradientBalancing, Losses
from support.cases import slow
from support.closeness import assert_same
from support.messages import assert_names
from support.training import four_tasks, hotel_data, quiet_trainer, still_module

Method = Literal["pcgrad", "upgrad", "mgda", "aligned_mtl"]
AGGREGATORS: dict[Method, Callable[[], Aggregator]] = {
    "pcgrad": PCGrad,
    "upgrad": UPGrad,
    "mgda": MGDA,
    "aligned_mtl": AlignedMTL,
}
methods = pytest.mark.parametrize("method", AGGREGATORS)
Gradients = dict[str, Tensor]


class Tiny(nn.Module):
    """An encoder of two layers and three heads, whose tasks are at odds."""

    def __init__(self, balancer: Balancer | None = None) -> None:
        super().__init__()
        torch.manual_seed(2)  # all three at odds, so that PCGrad's order matters
        self.encoder = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
        self.heads = nn.ModuleList(nn.Linear(3, 1) for _ in range(3))
        self.wanted = torch.randn(3, 6) * torch.tensor([[1.0], [-4.0], [0.3]])
        self.inputs, self.balancer = torch.randn(6, 4), balancer

    def losses(self) -> tuple[Tensor, Tensor]:
        """What the encoder gives, and the loss of each task."""
        hidden = self.encoder(self.inputs)
        if self.balancer:
            self.balancer.begin(hidden.device)
        seen = [self.balancer.gate(hidden, n) if self.balancer else hidden for n in range(3)]
        outputs = torch.stack([head(x)[:, 0] for head, x in zip(self.heads, seen, strict=True)])
        return hidden, (outputs - self.wanted).square().mean(dim=1)

    def gradients(self) -> Gradients:
        return gradients(self.encoder, self.heads)


def gradients(*parts: nn.Module) -> Gradients:
    """Of all parameters: they all have one."""
    return {
        f"{number}.{name}": nn.Module.get_parameter(part, name).grad.clone()  # type: ignore[union-attr]
        for number, part in enumerate(parts)
        for name, _ in part.named_parameters()
    }


def itself(tensor: Tensor) -> Tensor:
    """The mean over one process."""
    return tensor


def balanced(
    method: Method, present: list[bool], average: Callable[[Tensor], Tensor] = itself
) -> Gradients:
    """The gradients as this package has them, for the 7th update."""
    balancer = GradientBalancing(method=method).build(3)
    model = Tiny(balancer)
    values = model.losses()[1] * torch.tensor(present)
    balancer(Losses(values, torch.tensor(present), 1.0, 7), model.encoder, average).backward()
    return model.gradients()


def reference(method: Method, tasks: list[int]) -> Gradients:
    """The gradients as TorchJD documents them, for these tasks alone."""
    model = Tiny()
    hidden, losses = model.losses()
    mtl_backward([losses[task] for task in tasks], hidden, retain_graph=True)
    torch.manual_seed(7)  # PCGrad draws its order from the global generator
    jac_to_grad(model.encoder.parameters(), AGGREGATORS[method]())
    for head in model.heads.parameters():
        head.grad = torch.zeros_like(head) if head.grad is None else head.grad
    return model.gradients()


def plain(tasks: list[int]) -> Gradients:
    """The gradients of the sum of some tasks' losses."""
    model = Tiny()
    losses = model.losses()[1]
    sum(losses[task] + 0 * losses.sum() for task in tasks).backward()  # type: ignore[union-attr]
    return model.gradients()


def distance(one: Gradients, other: Gradients, part: str) -> float:
    return max(float((one[n] - other[n]).abs().max()) for n in one if n.startswith(part))


@methods
def test_gradients_are_those_of_torchjd(method: Method) -> None:
    found = balanced(method, [True, True, True])
    assert_same(found, reference(method, [0, 1, 2]))
    assert distance(found, plain([0, 1, 2]), "0.") > 0.01  # of the encoder


@methods
def test_each_head_follows_its_own_task(method: Method) -> None:
    found, own = balanced(method, [True, True, True]), plain([0, 1, 2])
    heads = [name for name in own if name.startswith("1.")]
    assert len(heads) == 6
    for name in heads:
        assert torch.equal(found[name], own[name])
        assert found[name].abs().max() > 0


@methods
def test_a_task_without_items_is_left_out(method: Method) -> None:
    found = balanced(method, [True, False, True])
    assert_same(found, reference(method, [0, 2]))
    assert [found[f"1.1.{name}"].abs().max() for name in ("weight", "bias")] == [0, 0]
    assert distance(found, balanced(method, [True, True, True]), "0.") > 0.01


@methods
@pytest.mark.parametrize("task", [0, 1, 2])
def test_one_task_alone_has_its_plain_gradient(method: Method, task: int) -> None:
    found = balanced(method, [number == task for number in range(3)])
    assert_same(found, plain([task]))


@methods
def test_weights_of_a_step_are_not_those_of_the_step_before(method: Method) -> None:
    balancer = GradientBalancing(method=method).build(3)
    model = Tiny(balancer)
    for present in ([True, True, True], [False, True, False]):
        model.zero_grad()
        values = model.losses()[1] * torch.tensor(present)
        losses = Losses(values, torch.tensor(present), 1.0, 7)
        balancer(losses, model.encoder, itself).backward()
    assert_same(model.gradients(), plain([1]))


def weights(
    method: Method, update: int = 0, average: Callable[[Tensor], Tensor] = itself
) -> Tensor:
    """What the gradients are multiplied with that come through the gates."""
    balancer = GradientBalancing(method=method).build(3)
    model, hidden = Tiny(balancer), torch.ones(1, requires_grad=True)
    values = model.losses()[1]
    gates = [balancer.gate(hidden, task) for task in range(3)]
    balancer(Losses(values, torch.ones(3).bool(), 1.0, update), model.encoder, average)
    return torch.cat([torch.autograd.grad(gate, hidden)[0] for gate in gates])


def test_pcgrads_order_follows_the_update_alone() -> None:
    found = []
    for seed in (11, 12):  # as two processes have had other dropout
        torch.manual_seed(seed)
        found.append([weights("pcgrad", update).tolist() for update in range(8)])
    assert found[0] == found[1]
    assert len({tuple(of_update) for of_update in found[0]}) > 2


def test_pcgrad_leaves_dropout_as_it_was() -> None:
    balancer = GradientBalancing(method="pcgrad").build(3)
    model = Tiny(balancer)
    losses = Losses(model.losses()[1], torch.ones(3).bool(), 1.0, 5)
    before = torch.get_rng_state()
    balancer(losses, model.encoder, itself)
    assert torch.equal(torch.get_rng_state(), before)


def test_what_is_compared_are_means_over_the_processes() -> None:
    means = []

    def average(gradient: Tensor) -> Tensor:
        means.append(gradient + torch.linspace(-1, 2, len(gradient)))
        return means[-1]

    found = weights("upgrad", average=average)
    jacobian = torch.stack(means)
    torch.testing.assert_close(found, UPGradWeighting()(jacobian @ jacobian.T))
    assert (found - weights("upgrad")).abs().max() > 0.1


def test_a_step_without_any_item_moves_nothing() -> None:
    found = balanced("pcgrad", [False, False, False])
    assert {float(gradient.abs().max()) for gradient in found.values()} == {0.0}


class Compare(Callback):
    """Beside each step of a run: what TorchJD makes of the same weights and the same batch."""

    def __init__(self, method: Method) -> None:
        self.method, self.pairs = method, list[tuple[Gradients, Gradients]]()
        self.present: list[int] = []
        self.moved: list[float] = []  # how far from the gradient of the sum

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: Any, batch: Batch, batch_idx: int
    ) -> None:
        self.batch = batch

    def on_before_optimizer_step(self, trainer: Trainer, pl_module: Any, optimizer: Any) -> None:
        network = pl_module.network
        found = gradients(network.encoder, network.heads)
        # A way to the heads without gates: on hidden states, not through the module's forward.
        hidden = network.encode(self.batch.tokens, self.batch.unique_rows, self.batch.inverse)
        losses, tasks = [], []
        for name, task in four_tasks().items():
            rows, targets = self.batch.rows[name], self.batch.targets[name]
            logits = network.heads[name](hidden[rows], self.batch.tokens[rows], targets)
            total, count = task.loss(logits, targets)
            if count:
                losses.append(task.weight * total / count)
                tasks.append(list(network.heads[name].parameters()))
        shared = list(network.encoder.parameters())
        plain = torch.autograd.grad(torch.stack(losses).sum(), shared, retain_graph=True)
        pairs = zip(shared, plain, strict=True)
        self.moved.append(max(float((own.grad - of_sum).abs().max()) for own, of_sum in pairs))
        pl_module.zero_grad()
        mtl_backward(
            losses, hidden, shared_params=shared, tasks_params=tasks, parallel_chunk_size=1
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(trainer.global_step)
            jac_to_grad(shared, AGGREGATORS[self.method]())
        for parameter in pl_module.parameters():
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        self.pairs.append((found, gradients(network.encoder, network.heads)))
        self.present.append(len(losses))


@pytest.mark.runs
@pytest.mark.parametrize("method", ["upgrad", *slow("pcgrad")])
def test_a_run_follows_the_gradients_of_torchjd(tmp_path: Path, method: Method) -> None:
    data = hotel_data(tmp_path, plan=SamplingPlan(batch_size=4, pool=1))
    module = still_module(data, balancing=GradientBalancing(method=method), lr=1e-2)
    beside = Compare(method)
    quiet_trainer(tmp_path, beside, max_steps=12).fit(module, datamodule=data)
    assert set(beside.present) == {3, 4}  # now and then no opinion is drawn
    assert max(beside.moved) > 0.01
    for found, expected in beside.pairs:
        assert max(float(gradient.abs().max()) for gradient in expected.values()) > 0.01
        assert_same(found, expected)


def stand_in(**options: Any) -> Trainer:
    """As much of a Trainer as is asked."""
    strategy = options.pop("strategy", SingleDeviceStrategy())
    facts = {"accumulate_grad_batches": 1, "precision": "32-true", **options}
    trainer: Any = SimpleNamespace(strategy=strategy, **facts)
    return trainer


@methods
@pytest.mark.parametrize(
    ("options", "found", "expected"),
    [
        ({"accumulate_grad_batches": 2}, "trainer.accumulate_grad_batches: 2", ["1"]),
        (
            {"precision": "16-mixed"},
            "trainer.precision: 16-mixed",
            ["bf16-mixed", "32-true"],
        ),
        ({"strategy": FSDPStrategy()}, "trainer.strategy: FSDPStrategy", ["auto", "ddp"]),
    ],
    ids=["accumulation", "half precision", "sharded"],
)
def test_a_trainer_that_would_spoil_it_is_refused(
    method: Method, options: dict[str, Any], found: str, expected: list[str]
) -> None:
    with pytest.raises(InputError) as error:
        GradientBalancing(method=method).require(stand_in(**options))
    option = found.removeprefix("trainer.").split(":")[0]
    assert error.value.found == found
    assert str(error.value.expected).startswith(f"--trainer.{option}={expected[0]}")
    assert_names(error.value.expected, *expected, "model.balancing")
    assert str(error.value.rule).startswith(f"{method} ")


@pytest.mark.parametrize("options", [{}, {"precision": "bf16-mixed"}, {"strategy": DDPStrategy()}])
def test_others_are_not(options: dict[str, Any]) -> None:
    GradientBalancing().require(stand_in(**options))


def test_it_is_refused_before_the_first_step(tmp_path: Path) -> None:
    data = hotel_data(tmp_path)
    module = still_module(data, balancing=GradientBalancing())
    trainer = quiet_trainer(tmp_path, max_steps=1, accumulate_grad_batches=2)
    with pytest.raises(InputError, match="accumulate_grad_batches: 2"):
        trainer.fit(module, datamodule=data)
    assert trainer.fit_loop.epoch_loop.batch_progress.total.ready == 0


def test_a_missing_package_is_told_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "torchjd", None)
    with pytest.raises(InputError, match="TorchJD") as error:
        GradientBalancing().require(quiet_trainer(tmp_path))
    assert error.value.expected == "pip install 'arabic-mtl[balancing]'"


def test_a_trained_model_is_used_without_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = hotel_data(tmp_path)
    model = still_module(data, balancing=GradientBalancing())
    monkeypatch.setitem(sys.modules, "torchjd", None)
    (scores,) = quiet_trainer(tmp_path).test(model, datamodule=data, verbose=False)
    assert {name.split("/")[1] for name in scores} == {"pair", "span", "ner", "category", "mean"}
