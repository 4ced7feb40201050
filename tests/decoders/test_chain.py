"""What a linear chain decides, against every path there is."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from arabic_mtl.model.heads.token import Transitions
from support.chains import Chain, best_path, chains, log_sum, marginals, paths


@given(chain=chains())
def test_best_path_is_the_best_of_all(chain: Chain) -> None:
    scores, _, lengths = chain
    found = best_path(chain)
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
    found = marginals(chain)
    for row, of_row in enumerate(found):
        expected = torch.zeros(int(lengths[row]), len(transitions), dtype=torch.float64)
        of_all, total = paths(chain, row), log_sum(chain, row)
        for path, score in of_all.items():
            for word, tag in enumerate(path):
                expected[word, tag] += (score - total).exp()
        np.testing.assert_allclose(of_row[: len(expected)], expected, rtol=0, atol=1e-9)


@given(chain=chains(), more=st.integers(1, 3), noise=st.floats(-50, 50))
def test_padding_and_other_rows_change_nothing(chain: Chain, more: int, noise: float) -> None:
    scores, transitions, lengths = chain
    longer = torch.nn.functional.pad(scores, (0, 0, 0, more))
    inside = (torch.arange(longer.shape[1]) < lengths[:, None])[..., None]
    longer = longer.where(inside, longer.new_full((), noise))
    best, likely = (decide((longer, transitions, lengths)) for decide in (best_path, marginals))
    for row, length in enumerate(lengths.tolist()):
        own = slice(row, row + 1)
        alone = scores[own, : max(length, 1)], transitions, lengths[own]
        assert best_path(alone)[0, :length].tolist() == best[row, :length].tolist()
        np.testing.assert_allclose(marginals(alone)[0, :length], likely[row, :length], atol=1e-9)


def test_no_rows() -> None:
    nothing = torch.zeros(0, 2, 3), torch.zeros(3, 3), torch.zeros(0, dtype=torch.long)
    assert best_path(nothing).shape == (0, 2)
    assert marginals(nothing).shape == (0, 2, 3)


@given(data=st.data(), words=st.integers(1, 6), labels=st.integers(1, 3))
def test_no_best_path_is_forbidden_whatever_is_wanted(
    data: st.DataObject, words: int, labels: int
) -> None:
    tags = 1 + 2 * labels
    wanted = data.draw(st.lists(st.integers(0, tags - 1), min_size=words, max_size=words))
    scores = torch.zeros(1, words, tags)
    scores[0, torch.arange(words), torch.tensor(wanted)] = 1000.0
    (found,) = best_path((scores, Transitions(tags)(), torch.tensor([words]))).tolist()
    for before, tag in zip([0, *found], found, strict=False):
        if tag > 0 and tag % 2 == 0:
            assert before in (tag - 1, tag)
