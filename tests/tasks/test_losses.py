"""The loss of a linear chain and its gradients, compared with the enumeration of all paths."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from arabic_mtl.model.heads.token import Transitions
from arabic_mtl.tasks import losses
from support.chains import Chain, chains, log_sum, marginals, paths


@given(chain=chains(), data=st.data())
def test_loss_equals_the_likelihood_over_all_paths(chain: Chain, data: st.DataObject) -> None:
    scores, transitions, lengths = chain
    tag = st.integers(0, len(transitions) - 1)
    words = st.lists(tag, min_size=scores.shape[1], max_size=scores.shape[1])
    tags = [data.draw(words) for _ in scores]  # tags after a row's last word are ignored
    loss = losses.negative_log_likelihood(scores, transitions, torch.tensor(tags), lengths)
    for row, row_tags in enumerate(tags):
        path_score = paths(chain, row)[tuple(row_tags[: int(lengths[row])])]
        assert loss[row].item() == pytest.approx(
            (log_sum(chain, row) - path_score).item(), abs=1e-9
        )
        assert loss[row].item() == 0 or lengths[row] > 0


@given(chain=chains())
def test_the_gradient_of_the_sum_is_the_marginals(chain: Chain) -> None:
    """The gradient of the log-partition function is the marginals, in an exponential family."""
    scores, transitions, lengths = chain
    leaf = scores.clone().requires_grad_()
    tags = torch.zeros(scores.shape[:2], dtype=torch.long)
    losses.negative_log_likelihood(leaf, transitions, tags, lengths).sum().backward()
    assert leaf.grad is not None
    inside = torch.arange(scores.shape[1]) < lengths[:, None]
    expected = torch.from_numpy(marginals(chain)) * inside[..., None]
    expected[..., 0] -= inside.double()  # subtracts the gold path
    torch.testing.assert_close(leaf.grad, expected, rtol=0, atol=1e-9)


def test_gradients_equal_finite_differences() -> None:
    torch.manual_seed(0)
    scores = torch.randn(3, 4, 3, dtype=torch.float64, requires_grad=True)
    transitions = torch.randn(3, 3, dtype=torch.float64, requires_grad=True)
    tags, lengths = torch.randint(3, (3, 4)), torch.tensor([4, 0, 2])

    def loss(scores: Tensor, transitions: Tensor) -> Tensor:
        return losses.negative_log_likelihood(scores, transitions, tags, lengths)

    assert torch.autograd.gradcheck(loss, (scores, transitions))


@given(chain=chains(), padding=st.integers(1, 3), noise=st.floats(-50, 50))
def test_padding_and_other_rows_have_no_effect(chain: Chain, padding: int, noise: float) -> None:
    scores, transitions, lengths = chain
    tags = scores.argmax(dim=-1)
    longer = torch.nn.functional.pad(scores, (0, 0, 0, padding), value=noise)
    padded_tags = torch.nn.functional.pad(tags, (0, padding), value=len(transitions) - 1)
    inside = (torch.arange(longer.shape[1]) < lengths[:, None])[..., None]
    longer = longer.where(inside, longer.new_full((), noise))
    row_losses = losses.negative_log_likelihood(longer, transitions, padded_tags, lengths)
    for row, length in enumerate(lengths.tolist()):
        row_slice = slice(row, row + 1)
        single = scores[row_slice, : max(length, 1)], transitions, lengths[row_slice]
        loss = losses.negative_log_likelihood(
            *single[:2], tags[row_slice, : max(length, 1)], single[2]
        )
        assert loss.item() == pytest.approx(row_losses[row].item(), abs=1e-9)


def test_no_rows() -> None:
    scores, transitions = torch.zeros(0, 2, 3, requires_grad=True), Transitions(3)
    empty = torch.zeros(0, dtype=torch.long)
    tags = torch.zeros(0, 2, dtype=torch.long)
    loss = losses.negative_log_likelihood(scores, transitions(), tags, empty)
    assert loss.shape == (0,)
    loss.sum().backward()
    assert transitions.scores.grad is not None  # processes without rows stay synchronized
    assert transitions.scores.grad.tolist() == [[0.0] * 3] * 3


@pytest.mark.parametrize("size", [1.0, 30.0])
def test_loss_is_not_negative_in_single_precision(size: float) -> None:
    torch.manual_seed(0)
    tags = torch.tensor([[0, 1, 2, 2, 0, 3, 4, 0]] * 20)
    scores = size * torch.nn.functional.one_hot(tags, 5).float() + torch.randn(20, 8, 5)
    lengths = torch.randint(0, 9, (20,))
    module = Transitions(5)
    loss = losses.negative_log_likelihood(scores, module(), tags, lengths)
    exact = losses.negative_log_likelihood(scores.double(), module().double(), tags, lengths)
    torch.testing.assert_close(loss.double(), exact, rtol=1e-5, atol=1e-4)
    assert (exact >= 0).all()


def test_mixed_precision_does_not_round_the_sums() -> None:
    """Autocast would compute the matrix products in half precision."""
    torch.manual_seed(0)
    scores, module = torch.randn(8, 30, 5), Transitions(5)
    tags, lengths = torch.zeros(8, 30, dtype=torch.long), torch.full((8,), 30)
    exact = losses.negative_log_likelihood(scores, module(), tags, lengths)
    with torch.autocast("cpu", torch.bfloat16):
        loss = losses.negative_log_likelihood(scores, module(), tags, lengths)
    torch.testing.assert_close(loss, exact)
