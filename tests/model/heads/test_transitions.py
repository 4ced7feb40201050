"""The transitions that BIO allows."""

from __future__ import annotations

import torch

from arabic_mtl.model.heads.token import FORBIDDEN, Transitions
from arabic_mtl.tasks import losses


def test_forbidden_transitions() -> None:
    """Tags are O, B-A, I-A, B-B, I-B; an I follows only the B or I of its label."""
    forbidden = Transitions(5)() == FORBIDDEN
    assert forbidden.nonzero().tolist() == [
        *([0, 2], [0, 4]),
        *([1, 4], [2, 4]),
        *([3, 2], [4, 2]),
    ]
    assert Transitions(1)().tolist() == [[0.0]]  # O alone


def test_forbidden_transitions_are_not_learned() -> None:
    module = Transitions(5)
    assert list(module.state_dict()) == ["scores"]
    scores, lengths = torch.randn(1, 4, 5), torch.tensor([4])
    loss = losses.negative_log_likelihood(scores, module(), torch.tensor([[0, 1, 2, 3]]), lengths)
    loss.sum().backward()
    assert module.scores.grad is not None
    assert (module.scores.grad[module() == FORBIDDEN] == 0).all()
    assert (module.scores.grad[module() == 0] != 0).any()
    with torch.no_grad():
        module.scores.fill_(50_000.0)
    assert (module() == FORBIDDEN).sum() == 6
