"""The linear chain against every path there is: sums, best paths, probabilities, gradients."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from arabic_mtl.tasks import crf

Chain = tuple[Tensor, Tensor, Tensor]
"""Scores (rows, words, tags), transitions (tags, tags), lengths (rows,)."""
Path = tuple[int, ...]


@st.composite
def chains(draw: st.DrawFn, size: float = 6.0, *, fewest: int = 0) -> Chain:
    """Rows of none to four words, padded to more; scores up to a size either way."""
    rows, words, tags = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 5))
    lengths = draw(st.lists(st.integers(fewest, words), min_size=rows, max_size=rows))
    random = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))

    def values(*shape: int) -> Tensor:
        return size * (2 * torch.rand(shape, generator=random, dtype=torch.float64) - 1)

    return values(rows, words, tags), values(tags, tags), torch.tensor(lengths)


def paths(chain: Chain, row: int) -> dict[Path, Tensor]:
    """All taggings of a row's words, each with its score, added up word by word."""
    scores, transitions, lengths = chain
    found = {}
    for path in product(range(len(transitions)), repeat=int(lengths[row])):
        total = scores.new_zeros(())
        for word, (before, tag) in enumerate(zip((0, *path), path, strict=False)):
            total = total + transitions[before, tag] + scores[row, word, tag]
        found[path] = total
    return found


def log_sum(chain: Chain, row: int) -> Tensor:
    return torch.stack(list(paths(chain, row).values())).logsumexp(dim=0)


@given(chain=chains(), data=st.data())
def test_loss_is_that_of_one_path_among_all(chain: Chain, data: st.DataObject) -> None:
    scores, transitions, lengths = chain
    tag = st.integers(0, len(transitions) - 1)
    words = st.lists(tag, min_size=scores.shape[1], max_size=scores.shape[1])
    tags = [data.draw(words) for _ in scores]  # those behind a row's last count for nothing
    found = crf.negative_log_likelihood(scores, transitions, torch.tensor(tags), lengths)
    for row, of_row in enumerate(tags):
        own = paths(chain, row)[tuple(of_row[: int(lengths[row])])]
        assert found[row].item() == pytest.approx((log_sum(chain, row) - own).item(), abs=1e-9)
        assert found[row].item() == 0 or lengths[row] > 0


@given(chain=chains())
def test_best_path_is_the_best_of_all(chain: Chain) -> None:
    scores, _, lengths = chain
    found = crf.best_path(*chain)
    assert found.shape == scores.shape[:2]
    for row, path in enumerate(found.tolist()):
        length = int(lengths[row])
        of_all = paths(chain, row)
        assert tuple(path[:length]) == max(of_all, key=lambda each: of_all[each])
        assert path[length:] == [0] * (len(path) - length)


@settings(max_examples=50)
@given(chain=chains())
def test_marginals_are_shares_of_all_paths(chain: Chain) -> None:
    _, transitions, lengths = chain
    found = crf.marginals(*chain)
    for row, of_row in enumerate(found):
        expected = torch.zeros(int(lengths[row]), len(transitions), dtype=torch.float64)
        of_all, total = paths(chain, row), log_sum(chain, row)
        for path, score in of_all.items():
            for word, tag in enumerate(path):
                expected[word, tag] += (score - total).exp()
        torch.testing.assert_close(of_row[: len(expected)], expected, rtol=0, atol=1e-9)


@given(chain=chains())
def test_the_gradient_of_the_sum_is_the_marginals(chain: Chain) -> None:
    """An identity of the exponential family, which ties the passes ahead and back."""
    scores, transitions, lengths = chain
    leaf = scores.clone().requires_grad_()
    tags = torch.zeros(scores.shape[:2], dtype=torch.long)
    crf.negative_log_likelihood(leaf, transitions, tags, lengths).sum().backward()
    assert leaf.grad is not None
    inside = torch.arange(scores.shape[1]) < lengths[:, None]
    expected = crf.marginals(*chain) * inside[..., None]
    expected[..., 0] -= inside.double()  # of the right path
    torch.testing.assert_close(leaf.grad, expected, rtol=0, atol=1e-9)


def test_gradients_are_those_of_small_steps() -> None:
    torch.manual_seed(0)
    scores = torch.randn(3, 4, 3, dtype=torch.float64, requires_grad=True)
    transitions = torch.randn(3, 3, dtype=torch.float64, requires_grad=True)
    tags, lengths = torch.randint(3, (3, 4)), torch.tensor([4, 0, 2])

    def loss(scores: Tensor, transitions: Tensor) -> Tensor:
        return crf.negative_log_likelihood(scores, transitions, tags, lengths)

    assert torch.autograd.gradcheck(loss, (scores, transitions))


@given(chain=chains(), more=st.integers(1, 3), noise=st.floats(-50, 50))
def test_padding_and_other_rows_change_nothing(chain: Chain, more: int, noise: float) -> None:
    scores, transitions, lengths = chain
    tags = scores.argmax(dim=-1)
    longer = torch.nn.functional.pad(scores, (0, 0, 0, more), value=noise)
    behind = torch.nn.functional.pad(tags, (0, more), value=len(transitions) - 1)
    inside = (torch.arange(longer.shape[1]) < lengths[:, None])[..., None]
    longer = longer.where(inside, longer.new_full((), noise))
    losses = crf.negative_log_likelihood(longer, transitions, behind, lengths)
    best, likely = (f(longer, transitions, lengths) for f in (crf.best_path, crf.marginals))
    for row, length in enumerate(lengths.tolist()):
        own = slice(row, row + 1)
        alone = scores[own, : max(length, 1)], transitions, lengths[own]
        loss = crf.negative_log_likelihood(*alone[:2], tags[own, : max(length, 1)], alone[2])
        assert loss.item() == pytest.approx(losses[row].item(), abs=1e-9)
        assert crf.best_path(*alone)[0, :length].tolist() == best[row, :length].tolist()
        torch.testing.assert_close(crf.marginals(*alone)[0, :length], likely[row, :length])


def test_no_rows() -> None:
    scores, transitions = torch.zeros(0, 2, 3, requires_grad=True), crf.Transitions(3)
    none = torch.zeros(0, dtype=torch.long)
    tags = torch.zeros(0, 2, dtype=torch.long)
    loss = crf.negative_log_likelihood(scores, transitions(), tags, none)
    assert loss.shape == (0,)
    loss.sum().backward()
    assert transitions.scores.grad is not None  # processes without rows stay in step
    assert transitions.scores.grad.tolist() == [[0.0] * 3] * 3
    assert crf.best_path(scores, transitions(), none).shape == (0, 2)
    assert crf.marginals(scores, transitions(), none).shape == (0, 2, 3)


def test_what_bio_forbids() -> None:
    """Tags are O, B-A, I-A, B-B, I-B; an I follows the B or I of its label alone."""
    forbidden = crf.Transitions(5)() == crf.FORBIDDEN
    assert forbidden.nonzero().tolist() == [
        *([0, 2], [0, 4]),
        *([1, 4], [2, 4]),
        *([3, 2], [4, 2]),
    ]
    assert crf.Transitions(1)().tolist() == [[0.0]]  # O alone


@given(data=st.data(), words=st.integers(1, 6), labels=st.integers(1, 3))
def test_no_best_path_is_forbidden_whatever_is_wanted(
    data: st.DataObject, words: int, labels: int
) -> None:
    tags = 1 + 2 * labels
    wanted = data.draw(st.lists(st.integers(0, tags - 1), min_size=words, max_size=words))
    scores = torch.zeros(1, words, tags)
    scores[0, torch.arange(words), torch.tensor(wanted)] = 1000.0
    (found,) = crf.best_path(scores, crf.Transitions(tags)(), torch.tensor([words])).tolist()
    for before, tag in zip([0, *found], found, strict=False):
        if tag > 0 and tag % 2 == 0:
            assert before in (tag - 1, tag)


def test_what_is_forbidden_stays_so_and_is_not_learned() -> None:
    module = crf.Transitions(5)
    assert list(module.state_dict()) == ["scores"]
    scores, lengths = torch.randn(1, 4, 5), torch.tensor([4])
    loss = crf.negative_log_likelihood(scores, module(), torch.tensor([[0, 1, 2, 3]]), lengths)
    loss.sum().backward()
    assert module.scores.grad is not None
    assert (module.scores.grad[module() == crf.FORBIDDEN] == 0).all()
    assert (module.scores.grad[module() == 0] != 0).any()
    with torch.no_grad():
        module.scores.fill_(50_000.0)
    assert (module() == crf.FORBIDDEN).sum() == 6


@pytest.mark.parametrize("size", [1.0, 30.0])
def test_a_certain_chain_has_no_negative_loss_in_single_precision(size: float) -> None:
    torch.manual_seed(0)
    tags = torch.tensor([[0, 1, 2, 2, 0, 3, 4, 0]] * 20)
    scores = size * torch.nn.functional.one_hot(tags, 5).float() + torch.randn(20, 8, 5)
    lengths = torch.randint(0, 9, (20,))
    module = crf.Transitions(5)
    loss = crf.negative_log_likelihood(scores, module(), tags, lengths)
    exact = crf.negative_log_likelihood(scores.double(), module().double(), tags, lengths)
    torch.testing.assert_close(loss.double(), exact, rtol=1e-5, atol=1e-4)
    assert (exact >= 0).all()


def test_mixed_precision_does_not_round_the_sums() -> None:
    """Autocast would make the products of matrices in half the digits."""
    torch.manual_seed(0)
    scores, module = torch.randn(8, 30, 5), crf.Transitions(5)
    tags, lengths = torch.zeros(8, 30, dtype=torch.long), torch.full((8,), 30)
    exact = crf.negative_log_likelihood(scores, module(), tags, lengths)
    with torch.autocast("cpu", torch.bfloat16):
        found = crf.negative_log_likelihood(scores, module(), tags, lengths)
        likely = crf.marginals(scores, module(), lengths)
    torch.testing.assert_close(found, exact)
    torch.testing.assert_close(likely, crf.marginals(scores, module(), lengths))
