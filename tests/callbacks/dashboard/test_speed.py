"""Rows and tokens per second, and padding, with a fake clock."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from arabic_mtl.callbacks.dashboard.speed import SpeedMeter
from arabic_mtl.model.batch import Batch, Update
from support.tokens import blank


def batch(lengths: list[int], source: list[int]) -> Batch:
    """Returns a batch of rows with some lengths; rows with one source are equal."""
    mask = torch.tensor([[int(i < n) for i in range(max(lengths))] for n in lengths])
    inputs = torch.tensor([source.index(n) for n in range(max(source) + 1)])
    tokens = replace(blank(*mask.shape), attention_mask=mask)
    return Batch(tokens, inputs, torch.tensor(source), {}, {}, {}, [], Update(1, {}))


def test_rows_tokens_and_padding() -> None:
    now = [100.0]
    meter = SpeedMeter(lambda: now[0])
    now[0] = 150.0
    meter.start()  # earlier time does not count
    now[0] = 151.0
    meter.update(batch([4, 2, 2], [0, 1, 1]))  # 3 rows, 2 of them unique: 6 tokens at 8 positions
    now[0] = 153.0
    meter.update(batch([5], [0]))
    now[0] = 170.0  # a validation
    meter.start()
    now[0] = 171.0
    meter.update(batch([3], [0]))
    assert meter.compute(processes=2) == {
        "rows_per_second": 2 * 5 / 4,
        "tokens_per_second": 2 * 14 / 4,
        "padding": 1 - 14 / 16,
    }
    now[0] = 173.0
    meter.update(batch([2, 2], [0, 1]))
    assert meter.compute(processes=1) == pytest.approx(
        {"rows_per_second": 1.0, "tokens_per_second": 2.0, "padding": 0.0}
    )
