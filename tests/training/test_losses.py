"""The meter of losses and shares between two logs."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from arabic_mtl.training.losses import TaskMeter


def single_process(totals: Tensor) -> Tensor:
    """Returns the sum over one process."""
    return totals


def test_means_and_shares_over_steps() -> None:
    meter = TaskMeter(["a", "b"])
    meter.update(torch.tensor([6.0, 1.0]), torch.tensor([3.0, 1.0]))
    meter.update(torch.tensor([2.0, 4.0]), torch.tensor([1.0, 3.0]))
    expected = {"a/loss": 2.0, "a/share": 0.5, "b/loss": 1.25, "b/share": 0.5}
    assert meter.compute(single_process) == expected


def test_means_and_shares_over_processes() -> None:
    meter, messages = TaskMeter(["a", "b"]), []

    def add(totals: Tensor) -> Tensor:
        messages.append(totals.tolist())
        return totals + torch.tensor([[4.0, 2.0], [1.0, 7.0]])  # of another process

    meter.update(torch.tensor([6.0, 1.0]), torch.tensor([3.0, 1.0]))
    expected = {"a/loss": 2.5, "a/share": 4 / 12, "b/loss": 0.375, "b/share": 8 / 12}
    assert meter.compute(add) == expected
    assert messages == [[[6.0, 1.0], [3.0, 1.0]]]  # one message
    assert meter.totals.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_compute_resets_the_meter() -> None:
    meter = TaskMeter(["a", "b"])
    meter.update(torch.tensor([6.0, 1.0]), torch.tensor([3.0, 1.0]))
    meter.compute(single_process)
    meter.update(torch.tensor([1.0, 9.0]), torch.tensor([1.0, 3.0]))
    expected = {"a/loss": 1.0, "a/share": 0.25, "b/loss": 3.0, "b/share": 0.75}
    assert meter.compute(single_process) == expected


def test_a_task_without_items_has_no_loss() -> None:
    meter = TaskMeter(["a", "b"])
    meter.update(torch.tensor([6.0, 0.0]), torch.tensor([3.0, 0.0]))
    assert meter.compute(single_process) == {"a/loss": 2.0, "a/share": 1.0, "b/share": 0.0}


def test_meter_without_items() -> None:
    assert TaskMeter(["a"]).compute(single_process) == {"a/share": 0.0}


def test_meter_keeps_no_graph() -> None:
    meter, weight = TaskMeter(["a"]), torch.ones(1, requires_grad=True)
    meter.update(weight * 2, torch.ones(1))
    weight.data.zero_()
    assert not meter.totals.requires_grad
    assert meter.compute(single_process) == pytest.approx({"a/loss": 2.0, "a/share": 1.0})
    assert weight.grad is None
