"""Exact span F1, beside seqeval."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score
from torch import Tensor

from arabic_mtl.decoders import bio
from arabic_mtl.tasks.metrics import SpanF1

NAMES = ["O", "B-X", "I-X", "B-Y", "I-Y"]
Rows = list[list[int]]
sequences = st.integers(0, 8).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 4), min_size=n, max_size=n)] * 2)
)


def spans(rows: Rows) -> Tensor:
    return torch.tensor(rows, dtype=torch.long).view(-1, 4)


def of_tags(tags: Rows) -> Tensor:
    return spans([[n, *span] for n, row in enumerate(tags) for span in bio.decode(row)])


@pytest.mark.parametrize(
    ("found", "gold", "labelled", "bare"),
    [
        ([], [], 0.0, 0.0),
        ([[0, 1, 4, 0]], [], 0.0, 0.0),
        ([], [[0, 1, 4, 0]], 0.0, 0.0),
        ([[0, 1, 4, 0]], [[0, 1, 4, 0]], 1.0, 1.0),
        ([[0, 1, 4, 1]], [[0, 1, 4, 0]], 0.0, 1.0),  # another label
        ([[1, 1, 4, 0]], [[0, 1, 4, 0]], 0.0, 0.0),  # another text
        ([[0, 1, 3, 0]], [[0, 1, 4, 0]], 0.0, 0.0),  # another end
        ([[0, 1, 4, 0]] * 3, [[0, 1, 4, 0]], 1.0, 1.0),  # a set
        ([[0, 1, 4, 0], [0, 6, 8, 1]], [[0, 1, 4, 0], [0, 6, 8, 0], [0, 9, 11, 0]], 0.4, 0.8),
        ([[0, 1, 4, 0], [0, 1, 4, 1]], [[0, 1, 4, 0]], 2 / 3, 1.0),
    ],
)
def test_f1(found: Rows, gold: Rows, labelled: float, bare: float) -> None:
    for only, expected in ((True, labelled), (False, bare)):
        metric = SpanF1(labelled=only)
        metric.update(spans(found), spans(gold))
        assert metric.compute().item() == pytest.approx(expected)


@given(rows=st.lists(sequences, min_size=1, max_size=6))
def test_f1_of_tags_equals_seqeval(rows: list[tuple[list[int], list[int]]]) -> None:
    found, gold = [row[0] for row in rows], [row[1] for row in rows]
    metric = SpanF1(labelled=True)
    metric.update(of_tags(found), of_tags(gold))
    named = [[[NAMES[tag] for tag in row] for row in tags] for tags in (gold, found)]
    if any(tag for tags in (found, gold) for row in tags for tag in row):
        assert metric.compute().item() == pytest.approx(f1_score(*named, zero_division=0))
    else:
        assert metric.compute().item() == 0.0


def test_counts_add_up_over_batches() -> None:
    metric = SpanF1(labelled=True)
    metric.update(spans([[0, 1, 4, 0]]), spans([[0, 1, 4, 0]]))
    metric.update(spans([[0, 1, 4, 0], [0, 5, 6, 0]]), spans([[0, 2, 4, 0]]))
    assert metric.compute().item() == pytest.approx(2 * 1 / (3 + 2))
    metric.reset()
    metric.update(spans([]), spans([]))
    assert metric.compute().item() == 0.0
