"""Weight decay, clipping and the learning-rate schedule."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from arabic_mtl.errors import InputError
from arabic_mtl.training.optimizer import Rates, adamw, require_rates, warmup_linear


def network() -> nn.Sequential:
    return nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 4), nn.LayerNorm(4))


def test_only_matrices_decay() -> None:
    model = network()
    decayed, free = adamw(model, lr=0.1, weight_decay=0.3).param_groups
    assert (decayed["weight_decay"], free["weight_decay"]) == (0.3, 0.0)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    assert [names[id(p)] for p in decayed["params"]] == ["0.weight", "1.weight"]
    assert [names[id(p)] for p in free["params"]] == ["1.bias", "2.weight", "2.bias"]


def test_frozen_parameters_are_skipped() -> None:
    model = network()
    model[0].requires_grad_(False)
    groups = adamw(model, lr=0.1, weight_decay=0.3).param_groups
    assert [len(group["params"]) for group in groups] == [1, 3]


def test_decay_is_applied() -> None:
    model = network()
    initial = [parameter.detach().clone() for parameter in model.parameters()]
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    adamw(model, lr=0.1, weight_decay=0.5).step()
    for old, new in zip(initial, model.parameters(), strict=True):
        torch.testing.assert_close(new.detach(), old * (0.95 if old.ndim > 1 else 1))


@pytest.mark.parametrize(
    ("warmup", "expected"),
    [
        (0.2, [0.0, 0.5, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0.0]),
        (0.0, [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0]),
        (1.0, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.0]),
    ],
)
def test_learning_rate_rises_then_falls(warmup: float, expected: list[float]) -> None:
    optimizer = adamw(network(), lr=2.0, weight_decay=0.0)
    schedule = warmup_linear(optimizer, steps=10, warmup=warmup)
    rates = []
    for _ in range(11):
        rates.append([group["lr"] / 2.0 for group in optimizer.param_groups])
        optimizer.step()
        schedule.step()
    assert rates == [[pytest.approx(value)] * 2 for value in expected]


@pytest.mark.parametrize(("lr", "weight_decay"), [(2.0, 0.5), (0.5, 0.0)])
def test_restore_sets_the_configured_rates_at_the_step_of_a_checkpoint(
    lr: float, weight_decay: float
) -> None:
    interrupted = adamw(network(), lr=2.0, weight_decay=0.5)
    schedule = warmup_linear(interrupted, steps=10, warmup=0.2)
    for _ in range(4):
        interrupted.step()
        schedule.step()
    resumed = adamw(network(), lr=lr, weight_decay=weight_decay)
    resumed_schedule = warmup_linear(resumed, steps=10, warmup=0.2)
    rates = Rates(resumed_schedule)
    resumed.load_state_dict(interrupted.state_dict())
    resumed_schedule.load_state_dict(schedule.state_dict())
    rates.restore()
    assert [group["lr"] for group in resumed.param_groups] == [0.75 * lr] * 2
    assert [group["weight_decay"] for group in resumed.param_groups] == [weight_decay, 0.0]
    resumed.step()
    resumed_schedule.step()
    assert [group["lr"] for group in resumed.param_groups] == [0.625 * lr] * 2


def test_restore_keeps_unchanged_rates_bit_for_bit() -> None:
    optimizer = adamw(network(), lr=3e-4, weight_decay=0.01)
    schedule = warmup_linear(optimizer, steps=97, warmup=0.1)
    rates = Rates(schedule)
    for _ in range(97):
        optimizer.step()
        schedule.step()
        initial = [dict(group) for group in optimizer.param_groups]
        rates.restore()
        assert optimizer.param_groups == initial


GOOD = {"lr": 1e-3, "weight_decay": 0.0, "warmup": 1.0, "dropout": 0.0}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("lr", -1.0), ("lr", float("nan")), ("lr", float("inf")), ("weight_decay", -0.1)),
        *(("warmup", -0.1), ("warmup", 1.5), ("dropout", 1.0), ("dropout", -0.1)),
    ],
)
def test_rates_outside_their_ranges_are_refused(name: str, value: float) -> None:
    require_rates(**GOOD)
    with pytest.raises(InputError, match=rf"model\.{name}\b") as error:
        require_rates(**(GOOD | {name: value}))
    assert error.value.found is value
