"""Small linear chains, and the enumeration of all their paths."""

from __future__ import annotations

from itertools import product

import torch
from hypothesis import strategies as st
from torch import Tensor

from arabic_mtl.decoders import chain
from arabic_mtl.decoders.base import Floats
from arabic_mtl.text.ragged import Integers

Chain = tuple[Tensor, Tensor, Tensor]
"""Scores (rows, words, tags), transitions (tags, tags), lengths (rows,)."""
Path = tuple[int, ...]


@st.composite
def chains(draw: st.DrawFn, size: float = 6.0, *, min_length: int = 0) -> Chain:
    """Draws padded rows of up to four words, with scores between ``-size`` and ``size``."""
    rows, words, tags = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 5))
    lengths = draw(st.lists(st.integers(min_length, words), min_size=rows, max_size=rows))
    random = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))

    def values(*shape: int) -> Tensor:
        return size * (2 * torch.rand(shape, generator=random, dtype=torch.float64) - 1)

    return values(rows, words, tags), values(tags, tags), torch.tensor(lengths)


def paths(chain: Chain, row: int) -> dict[Path, Tensor]:
    """Returns all tag sequences of a row with their scores, added up word by word."""
    scores, transitions, lengths = chain
    path_scores = {}
    for path in product(range(len(transitions)), repeat=int(lengths[row])):
        total = scores.new_zeros(())
        for word, (previous, tag) in enumerate(zip((0, *path), path, strict=False)):
            total = total + transitions[previous, tag] + scores[row, word, tag]
        path_scores[path] = total
    return path_scores


def log_sum(chain: Chain, row: int) -> Tensor:
    return torch.stack(list(paths(chain, row).values())).logsumexp(dim=0)


def best_path(inputs: Chain) -> Integers:
    scores, transitions, lengths = inputs
    return chain.best_path(scores.numpy(), transitions.detach().numpy(), lengths.numpy())


def marginals(inputs: Chain) -> Floats:
    scores, transitions, lengths = inputs
    return chain.marginals(scores.numpy(), transitions.detach().numpy(), lengths.numpy())
