"""Balanced gradients equal TorchJD's, on encoder and heads; incompatible options are refused.

The reference is TorchJD's documented API: `mtl_backward`, then `jac_to_grad` on the shared
parameters.
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
from support.training import four_tasks, hotel_data, quiet_trainer, small_module

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
    """An encoder of two layers and three heads, whose tasks have conflicting gradients."""

    def __init__(self, balancer: Balancer | None = None) -> None:
        super().__init__()
        torch.manual_seed(2)  # all three conflict, so that PCGrad's order matters
        self.encoder = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
        self.heads = nn.ModuleList(nn.Linear(3, 1) for _ in range(3))
        self.wanted = torch.randn(3, 6) * torch.tensor([[1.0], [-4.0], [0.3]])
        self.inputs, self.balancer = torch.randn(6, 4), balancer

    def losses(self) -> tuple[Tensor, Tensor]:
        """Returns the encoder's output, and the loss of each task."""
        hidden = self.encoder(self.inputs)
        if self.balancer:
            self.balancer.begin(hidden.device)
        head_inputs = [self.balancer.gate(hidden, n) if self.balancer else hidden for n in range(3)]
        outputs = torch.stack(
            [head(x)[:, 0] for head, x in zip(self.heads, head_inputs, strict=True)]
        )
        return hidden, (outputs - self.wanted).square().mean(dim=1)

    def gradients(self) -> Gradients:
        return gradients(self.encoder, self.heads)


def gradients(*parts: nn.Module) -> Gradients:
    """Returns the gradients of all parameters, each of which must have one."""
    return {
        f"{number}.{name}": nn.Module.get_parameter(part, name).grad.clone()  # type: ignore[union-attr]
        for number, part in enumerate(parts)
        for name, _ in part.named_parameters()
    }


def single_process(tensor: Tensor) -> Tensor:
    """Returns the tensor, which is the mean over one process."""
    return tensor


def balanced(
    method: Method, present: list[bool], average: Callable[[Tensor], Tensor] = single_process
) -> Gradients:
    """Returns the gradients of this package, for the 7th optimizer step."""
    balancer = GradientBalancing(method=method).build(3)
    model = Tiny(balancer)
    values = model.losses()[1] * torch.tensor(present)
    balancer(Losses(values, torch.tensor(present), 1.0, 7), model.encoder, average).backward()
    return model.gradients()


def reference(method: Method, tasks: list[int]) -> Gradients:
    """Returns the gradients by TorchJD's documented API, for these tasks only."""
    model = Tiny()
    hidden, losses = model.losses()
    mtl_backward([losses[task] for task in tasks], hidden, retain_graph=True)
    torch.manual_seed(7)  # PCGrad draws its order from the global generator
    jac_to_grad(model.encoder.parameters(), AGGREGATORS[method]())
    for head in model.heads.parameters():
        head.grad = torch.zeros_like(head) if head.grad is None else head.grad
    return model.gradients()


def plain(tasks: list[int]) -> Gradients:
    """Returns the gradients of the sum of some tasks' losses."""
    model = Tiny()
    losses = model.losses()[1]
    sum(losses[task] + 0 * losses.sum() for task in tasks).backward()  # type: ignore[union-attr]
    return model.gradients()


def distance(first: Gradients, second: Gradients, part: str) -> float:
    return max(float((first[n] - second[n]).abs().max()) for n in first if n.startswith(part))


@methods
def test_gradients_are_those_of_torchjd(method: Method) -> None:
    actual = balanced(method, [True, True, True])
    assert_same(actual, reference(method, [0, 1, 2]))
    assert distance(actual, plain([0, 1, 2]), "0.") > 0.01  # of the encoder


@methods
def test_each_head_follows_its_own_task(method: Method) -> None:
    actual, expected = balanced(method, [True, True, True]), plain([0, 1, 2])
    heads = [name for name in expected if name.startswith("1.")]
    assert len(heads) == 6
    for name in heads:
        assert torch.equal(actual[name], expected[name])
        assert actual[name].abs().max() > 0


@methods
def test_task_without_items_is_ignored(method: Method) -> None:
    actual = balanced(method, [True, False, True])
    assert_same(actual, reference(method, [0, 2]))
    assert [actual[f"1.1.{name}"].abs().max() for name in ("weight", "bias")] == [0, 0]
    assert distance(actual, balanced(method, [True, True, True]), "0.") > 0.01


@methods
@pytest.mark.parametrize("task", [0, 1, 2])
def test_single_task_has_its_own_gradient(method: Method, task: int) -> None:
    actual = balanced(method, [number == task for number in range(3)])
    assert_same(actual, plain([task]))


@methods
def test_weights_of_a_step_are_not_those_of_the_step_before(method: Method) -> None:
    balancer = GradientBalancing(method=method).build(3)
    model = Tiny(balancer)
    for present in ([True, True, True], [False, True, False]):
        model.zero_grad()
        values = model.losses()[1] * torch.tensor(present)
        losses = Losses(values, torch.tensor(present), 1.0, 7)
        balancer(losses, model.encoder, single_process).backward()
    assert_same(model.gradients(), plain([1]))


def weights(
    method: Method, update: int = 0, average: Callable[[Tensor], Tensor] = single_process
) -> Tensor:
    """Returns the weights of the gates."""
    balancer = GradientBalancing(method=method).build(3)
    model, hidden = Tiny(balancer), torch.ones(1, requires_grad=True)
    values = model.losses()[1]
    gates = [balancer.gate(hidden, task) for task in range(3)]
    balancer(Losses(values, torch.ones(3).bool(), 1.0, update), model.encoder, average)
    return torch.cat([torch.autograd.grad(gate, hidden)[0] for gate in gates])


def test_pcgrad_order_depends_only_on_the_update() -> None:
    weights_by_seed = []
    for seed in (11, 12):  # as in two processes with other dropout
        torch.manual_seed(seed)
        weights_by_seed.append([weights("pcgrad", update).tolist() for update in range(8)])
    assert weights_by_seed[0] == weights_by_seed[1]
    assert len({tuple(weights_of_update) for weights_of_update in weights_by_seed[0]}) > 2


def test_pcgrad_does_not_change_dropout() -> None:
    balancer = GradientBalancing(method="pcgrad").build(3)
    model = Tiny(balancer)
    losses = Losses(model.losses()[1], torch.ones(3).bool(), 1.0, 5)
    initial = torch.get_rng_state()
    balancer(losses, model.encoder, single_process)
    assert torch.equal(torch.get_rng_state(), initial)


def test_gradients_are_averaged_over_processes() -> None:
    means = []

    def average(gradient: Tensor) -> Tensor:
        means.append(gradient + torch.linspace(-1, 2, len(gradient)))
        return means[-1]

    averaged = weights("upgrad", average=average)
    jacobian = torch.stack(means)
    torch.testing.assert_close(averaged, UPGradWeighting()(jacobian @ jacobian.T))
    assert (averaged - weights("upgrad")).abs().max() > 0.1


def test_step_without_items_has_zero_gradients() -> None:
    actual = balanced("pcgrad", [False, False, False])
    assert {float(gradient.abs().max()) for gradient in actual.values()} == {0.0}


class Compare(Callback):
    """A callback that computes TorchJD's gradients for the weights and batch of each step."""

    def __init__(self, method: Method) -> None:
        self.method, self.pairs = method, list[tuple[Gradients, Gradients]]()
        self.present: list[int] = []
        self.distances: list[float] = []  # distance from the gradient of the sum

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: Any, batch: Batch, batch_idx: int
    ) -> None:
        self.batch = batch

    def on_before_optimizer_step(self, trainer: Trainer, pl_module: Any, optimizer: Any) -> None:
        network = pl_module.network
        actual = gradients(network.encoder, network.heads)
        # Calls the heads on hidden states directly, without gates.
        hidden = network.encode(self.batch.tokens, self.batch.unique_rows, self.batch.inverse)
        losses, tasks = [], []
        for name, task in four_tasks().items():
            rows, targets = self.batch.rows[name], self.batch.targets[name]
            logits = network.heads[name](hidden[rows], self.batch.tokens[rows], targets)
            total, count = task.loss(logits, targets)
            if count:
                losses.append(task.weight * total / count)
                tasks.append(list(network.heads[name].parameters()))
        shared_parameters = list(network.encoder.parameters())
        plain = torch.autograd.grad(torch.stack(losses).sum(), shared_parameters, retain_graph=True)
        pairs = zip(shared_parameters, plain, strict=True)
        self.distances.append(
            max(
                float((shared_parameter.grad - sum_gradient).abs().max())
                for shared_parameter, sum_gradient in pairs
            )
        )
        pl_module.zero_grad()
        mtl_backward(
            losses,
            hidden,
            shared_params=shared_parameters,
            tasks_params=tasks,
            parallel_chunk_size=1,
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(trainer.global_step)
            jac_to_grad(shared_parameters, AGGREGATORS[self.method]())
        for parameter in pl_module.parameters():
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        self.pairs.append((actual, gradients(network.encoder, network.heads)))
        self.present.append(len(losses))


@pytest.mark.runs
@pytest.mark.parametrize("method", ["upgrad", *slow("pcgrad")])
def test_a_run_follows_the_gradients_of_torchjd(tmp_path: Path, method: Method) -> None:
    data = hotel_data(tmp_path, plan=SamplingPlan(batch_size=4, pool=1))
    module = small_module(data, balancing=GradientBalancing(method=method), lr=1e-2)
    comparison = Compare(method)
    quiet_trainer(tmp_path, comparison, max_steps=12).fit(module, datamodule=data)
    assert set(comparison.present) == {3, 4}  # some steps have no opinion
    assert max(comparison.distances) > 0.01
    for actual, expected in comparison.pairs:
        assert max(float(gradient.abs().max()) for gradient in expected.values()) > 0.01
        assert_same(actual, expected)


def stand_in(**options: Any) -> Trainer:
    """Returns a minimal Trainer."""
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
def test_incompatible_trainer_is_refused(
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
def test_compatible_trainers_are_accepted(options: dict[str, Any]) -> None:
    GradientBalancing().require(stand_in(**options))


def test_incompatible_trainer_is_refused_before_the_first_step(tmp_path: Path) -> None:
    data = hotel_data(tmp_path)
    module = small_module(data, balancing=GradientBalancing())
    trainer = quiet_trainer(tmp_path, max_steps=1, accumulate_grad_batches=2)
    with pytest.raises(InputError, match="accumulate_grad_batches: 2"):
        trainer.fit(module, datamodule=data)
    assert trainer.fit_loop.epoch_loop.batch_progress.total.ready == 0


def test_missing_torchjd_error_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "torchjd", None)
    with pytest.raises(InputError, match="TorchJD") as error:
        GradientBalancing().require(quiet_trainer(tmp_path))
    assert error.value.expected == "pip install 'arabic-mtl[balancing]'"


def test_trained_model_works_without_torchjd(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = hotel_data(tmp_path)
    model = small_module(data, balancing=GradientBalancing())
    monkeypatch.setitem(sys.modules, "torchjd", None)
    (scores,) = quiet_trainer(tmp_path).test(model, datamodule=data, verbose=False)
    assert {name.split("/")[1] for name in scores} == {"pair", "span", "ner", "category", "mean"}
