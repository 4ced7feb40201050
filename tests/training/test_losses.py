"""Losses and shares, added up between two looks."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from arabic_mtl.training.losses import TaskMeter


def alone(totals: Tensor) -> Tensor:
    """The sum over one process."""
    return totals


def test_means_and_shares_over_steps() -> None:
    meter = TaskMeter(["a", "b"])
    meter.update(torch.tensor([6.0, 1.0]), torch.tensor([3.0, 1.0]))
    meter.update(torch.tensor([2.0, 4.0]), torch.tensor([1.0, 3.0]))
    expected = {"a/loss": 2.0, "a/share": 0.5, "b/loss": 1.25, "b/share": 0.5}
    assert meter.compute(alone) == expected


def test_means_and_shares_over_processes() -> None:
    meter, asked = TaskMeter(["a", "b"]), []

    def add(totals: Tensor) -> Tensor:
        asked.append(totals.tolist())
        return totals + torch.tensor([[4.0, 2.0], [1.0, 7.0]])  # another's losses and items

    meter.update(torch.tensor([6.0, 1.0]), torch.tensor([3.0, 1.0]))
    expected = {"a/loss": 2.5, "a/share": 4 / 12, "b/loss": 0.375, "b/share": 8 / 12}
    assert meter.compute(add) == expected
    assert asked == [[[6.0, 1.0], [3.0, 1.0]]]  # one message
    assert meter.totals.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_it_starts_anew_after_each_look() -> None:
    meter = TaskMeter(["a", "b"])
    meter.update(torch.tensor([6.0, 1.0]), torch.tensor([3.0, 1.0]))
    meter.compute(alone)
    meter.update(torch.tensor([1.0, 9.0]), torch.tensor([1.0, 3.0]))
    expected = {"a/loss": 1.0, "a/share": 0.25, "b/loss": 3.0, "b/share": 0.75}
    assert meter.compute(alone) == expected


def test_a_task_without_items_has_no_loss() -> None:
    meter = TaskMeter(["a", "b"])
    meter.update(torch.tensor([6.0, 0.0]), torch.tensor([3.0, 0.0]))
    assert meter.compute(alone) == {"a/loss": 2.0, "a/share": 1.0, "b/share": 0.0}


def test_nothing_at_all() -> None:
    assert TaskMeter(["a"]).compute(alone) == {"a/share": 0.0}


def test_it_keeps_no_graph() -> None:
    meter, weight = TaskMeter(["a"]), torch.ones(1, requires_grad=True)
    meter.update(weight * 2, torch.ones(1))
    weight.data.zero_()
    assert not meter.totals.requires_grad
    assert meter.compute(alone) == pytest.approx({"a/loss": 2.0, "a/share": 1.0})
    assert weight.grad is None
