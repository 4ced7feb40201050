"""Decoding of a linear chain, compared with the enumeration of all paths."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from arabic_mtl.model.heads.token import Transitions
from support.chains import Chain, best_path, chains, log_sum, marginals, paths


@given(chain=chains())
def test_best_path_has_the_highest_score(chain: Chain) -> None:
    scores, _, lengths = chain
    best = best_path(chain)
    assert best.shape == scores.shape[:2]
    for row, path in enumerate(best.tolist()):
        length = int(lengths[row])
        path_scores = paths(chain, row)
        assert tuple(path[:length]) == max(
            path_scores, key=lambda candidate: path_scores[candidate]
        )
        assert path[length:] == [0] * (len(path) - length)


@settings(max_examples=50)
@given(chain=chains())
def test_marginals_are_shares_of_all_paths(chain: Chain) -> None:
    _, transitions, lengths = chain
    computed = marginals(chain)
    for row, row_marginals in enumerate(computed):
        expected = torch.zeros(int(lengths[row]), len(transitions), dtype=torch.float64)
        path_scores, total = paths(chain, row), log_sum(chain, row)
        for path, score in path_scores.items():
            for word, tag in enumerate(path):
                expected[word, tag] += (score - total).exp()
        np.testing.assert_allclose(row_marginals[: len(expected)], expected, rtol=0, atol=1e-9)


@given(chain=chains(), padding=st.integers(1, 3), noise=st.floats(-50, 50))
def test_padding_and_other_rows_have_no_effect(chain: Chain, padding: int, noise: float) -> None:
    scores, transitions, lengths = chain
    longer = torch.nn.functional.pad(scores, (0, 0, 0, padding))
    inside = (torch.arange(longer.shape[1]) < lengths[:, None])[..., None]
    longer = longer.where(inside, longer.new_full((), noise))
    best, probabilities = (
        decide((longer, transitions, lengths)) for decide in (best_path, marginals)
    )
    for row, length in enumerate(lengths.tolist()):
        row_slice = slice(row, row + 1)
        single = scores[row_slice, : max(length, 1)], transitions, lengths[row_slice]
        assert best_path(single)[0, :length].tolist() == best[row, :length].tolist()
        np.testing.assert_allclose(
            marginals(single)[0, :length], probabilities[row, :length], atol=1e-9
        )


def test_no_rows() -> None:
    empty = torch.zeros(0, 2, 3), torch.zeros(3, 3), torch.zeros(0, dtype=torch.long)
    assert best_path(empty).shape == (0, 2)
    assert marginals(empty).shape == (0, 2, 3)


@given(data=st.data(), words=st.integers(1, 6), labels=st.integers(1, 3))
def test_best_path_has_no_forbidden_transition(
    data: st.DataObject, words: int, labels: int
) -> None:
    tags = 1 + 2 * labels
    likely_tags = data.draw(st.lists(st.integers(0, tags - 1), min_size=words, max_size=words))
    scores = torch.zeros(1, words, tags)
    scores[0, torch.arange(words), torch.tensor(likely_tags)] = 1000.0
    (path,) = best_path((scores, Transitions(tags)(), torch.tensor([words]))).tolist()
    for previous, tag in zip([0, *path], path, strict=False):
        if tag > 0 and tag % 2 == 0:
            assert previous in (tag - 1, tag)
