"""Fixed weights: the losses, already weighted, are added up."""

from __future__ import annotations

import torch
from torch import nn

from arabic_mtl.training.balancing import FixedWeights, Losses


def test_loss_is_the_sum_of_the_weighted_losses() -> None:
    values = torch.tensor([0.5, 2.0, 0.0], requires_grad=True)
    losses = Losses(values, torch.tensor([True, True, False]), 1.0, 0)
    balancer = FixedWeights().build(3)
    loss = balancer(losses, nn.Linear(1, 1), _must_not_be_called)
    loss.backward()
    assert loss.item() == 2.5
    assert values.grad is not None
    assert values.grad.tolist() == [1.0, 1.0, 1.0]


def test_fixed_weights_have_no_parameters_and_no_gate() -> None:
    balancer = FixedWeights().build(3)
    hidden = torch.rand(2, 3, 4)
    assert (list(balancer.parameters()), balancer.parameter_groups()) == ([], [])
    assert balancer.gate(hidden, 1) is hidden


def _must_not_be_called(tensor: torch.Tensor) -> torch.Tensor:
    raise AssertionError("a sum needs no word of the other processes")
