"""The description of the sampling plan by ``describe``."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from arabic_mtl.cli.describe import plan_facts, plan_table
from arabic_mtl.data import SamplingPlan

PLANS: list[tuple[dict[str, Any], dict[str, int], list[list[str]]]] = [
    (
        {},
        {"a": 60, "b": 20},
        [["a", "60", "60", "75.0%", "3 (100.0%)"], ["b", "20", "20", "25.0%", "3 (100.0%)"]],
    ),
    (  # 5 rows do not fill a step: 131 passes over them are 131 steps
        {"step": "single", "temperature": 5},
        {"opinions": 3000, "sentences": 5},
        [
            ["opinions", "3000", "2351", "78.2%", "74 (36.1%)"],
            ["sentences", "5", "654", "21.8%", "131 (63.9%)"],
        ],
    ),
    (
        {"step": "single", "shares": {"a": 0.5, "b": 0.5}},
        {"a": 96, "b": 32},
        [["a", "96", "64", "50.0%", "2 (50.0%)"], ["b", "32", "64", "50.0%", "2 (50.0%)"]],
    ),
    (
        {"batch_size": 1, "temperature": 1, "final_temperature": 2, "epochs": 3},
        {"a": 16, "b": 1},
        [
            ["a", "16", "16", "14", "94.1% to 82.4%", "16 (94.1%)"],
            ["b", "1", "1", "3", "5.9% to 17.6%", "1 (5.9%)"],
        ],
    ),
]


def planned(plan: SamplingPlan, **sizes: int) -> Any:
    """Returns a substitute for a data module: a plan, and corpora with rows of four tokens."""
    lengths = {name: np.full(size, 4) for name, size in sizes.items()}
    return SimpleNamespace(plan=plan, seed=0, epochs=SimpleNamespace(lengths=lengths))


@pytest.mark.parametrize(("options", "sizes", "expected"), PLANS)
def test_plan_table_lists_rows_shares_and_steps(
    options: dict[str, Any], sizes: dict[str, int], expected: list[list[str]]
) -> None:
    table = plan_table(planned(SamplingPlan(**options), **sizes))
    columns = [list(column.cells) for column in table.columns]
    assert [list(row) for row in zip(*columns, strict=True)] == expected
    epochs = ["epoch 0", "epoch 2"] if "epochs" in options else ["epoch 0"]
    headers = [column.header for column in table.columns]
    assert headers == ["corpus", "rows", *epochs, "share", "in steps"]


def test_plan_facts_give_the_size_of_steps() -> None:
    facts = plan_facts(planned(SamplingPlan(batch_size=8, pool=2), a=30, b=6))
    assert {name: re.findall(r"\d[\d.]*%?", fact) for name, fact in facts.items()} == {
        "steps": ["5", "2"],  # steps, and steps per pool
        "rows": ["7.2"],
        "tokens": ["29", "32"],  # the mean, and the maximum with padding
        "padding": ["0.0%"],
    }
