"""Two processes come to what one comes to, however the rows of a step fall to them."""

from __future__ import annotations

import json
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from support.closeness import assert_same
from support.ddp import CASES, LEARNED, corpora, evaluate, train
from support.processes import process
from support.semeval import ADJECTIVES, NOUNS, reviews, sentence
from support.training import still_module

pytestmark = pytest.mark.runs
FEW = ["mixed", "own means"]
MANY = [name for name in CASES if name not in FEW]
NOISE = "network.encoder.model.encoder.layer.0.attention.self.key.bias"
"""It shifts all of a token's attention alike, which softmax takes out again: its gradient is 0 but
for rounding, and Adam, which looks at no gradient's size, makes steps of what rounding leaves."""
SHIFTS = {
    "words": {"network.heads.span.attention.key.bias", "network.heads.category.attention.bias"}
}
"""Those of a case that do so."""

Weights = dict[str, Tensor]


def others() -> str:
    """33 sentences, each with its opinion."""
    words = list(product(NOUNS.items(), ADJECTIVES.items(), range(4)))[:33]
    return reviews(
        *[
            [
                sentence(
                    f"o{number}:0",
                    f"{noun} {adjective} في اليوم {day}",
                    (noun, f"{entity}#GENERAL", polarity),
                )
            ]
            for number, ((noun, entity), (adjective, polarity), day) in enumerate(words)
        ]
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a few runs have been made, in one process and in two, and what one has learned."""
    place = prepared(tmp_path_factory.mktemp("ddp"))
    train(place, "learned", LEARNED, 1)
    evaluate(place, 1)
    return train_both(place, FEW)


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the other runs have been made."""
    return train_both(prepared(tmp_path_factory.mktemp("more")), MANY)


def prepared(place: Path) -> Path:
    (place / "others.xml").write_text(others(), encoding="utf-8")
    return place


def train_both(place: Path, names: list[str]) -> Path:
    for name in names:
        train(place, name, CASES[name], 1)
    done = process(["-m", "support.ddp", str(place), *names], place, 120)
    assert done.returncode == 0, done.stderr[-3000:]
    return place


def weights(folder: Path, name: str, processes: int) -> Weights:
    content = torch.load(folder / f"{name} {processes}" / "last.ckpt", weights_only=True)
    assert content["global_step"] == 20
    found: Weights = content["state_dict"]
    return found


def untrained(folder: Path, name: str) -> Weights:
    data = corpora(folder, CASES[name])
    data.prepare_data()
    data.setup("fit")
    module = still_module(data, balancing=CASES[name].balancing)
    module.build(data.text)
    found: Weights = module.state_dict()
    return found


def distances(one: Weights, other: Weights) -> dict[str, float]:
    assert one.keys() == other.keys()
    return {name: float((one[name] - other[name]).abs().max()) for name in one}


def test_two_processes_learn_what_one_learns(folder: Path) -> None:
    assert_same_course(folder, "mixed")


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_two_processes_learn_what_one_learns_in_every_way(more: Path, name: str) -> None:
    assert_same_course(more, name)


def assert_same_course(folder: Path, name: str) -> None:
    one, two = weights(folder, name, 1), weights(folder, name, 2)
    moved = distances(one, untrained(folder, name))
    exact = name == "double precision"
    idle = SHIFTS.get(name, {NOISE})
    compared = one.keys() - (set() if exact else idle)
    assert_same(
        {part: two[part] for part in compared},
        {part: one[part] for part in compared},
        within=1e-6,
        floor=1.0,
    )
    assert {part for part in moved if moved[part] < 1e-3} <= idle
    assert not exact or all(moved[part] < 1e-6 for part in idle)  # there is next to no rounding


def test_means_over_a_processs_own_items_would_not_do(folder: Path) -> None:
    one, two = weights(folder, "own means", 1), weights(folder, "own means", 2)
    alone = distances(one, weights(folder, "mixed", 1))  # where all items are its own
    assert max(alone[part] for part in alone.keys() - {NOISE}) < 1e-6
    assert max(distances(one, two).values()) > 1e-3


@pytest.mark.parametrize("name", ["mixed", "single"])
def test_tasks_do_fall_unevenly(tmp_path: Path, name: str) -> None:
    folder = prepared(tmp_path)
    data = corpora(folder, CASES[name])
    data.prepare_data()
    data.setup("fit")
    steps = data.plan.steps(data.lengths("train"), data.seed, 0)
    found: Counter[str] = Counter()
    for step in steps:
        rows = [corpus for corpus in step for _ in step[corpus]]
        shares = [Counter(rows[rank::2]) for rank in (0, 1)]
        found["a corpus is not in the step"] += len(step) < 2
        found["a process lacks a corpus that is"] += any(s.keys() != step.keys() for s in shares)
        found["a process has no row"] += not all(shares)
        found["shares differ in size"] += len({share.total() for share in shares}) > 1
    assert len(steps) == 19  # the last, of one row, is a window of its own
    assert found["a process has no row"] >= 1
    assert found["shares differ in size"] == 19
    assert found["a corpus is not in the step"] >= 3
    if name == "mixed":
        assert found["a process lacks a corpus that is"] >= 8


def read(folder: Path, processes: int, name: str) -> Any:
    path = folder / f"evaluation {processes}" / name
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", ["validate", "test"])
def test_every_row_is_evaluated_once(folder: Path, command: str) -> None:
    everything = [[corpus, row] for corpus in ("pairs", "texts") for row in range(33)]
    ranks = [read(folder, 2, f"rows {rank}.json")[command] for rank in (0, 1)]
    assert sorted(row for rank in ranks for step in rank for row in step) == everything
    sizes = [sorted(map(len, rank), reverse=True) for rank in ranks]
    assert sizes == [[4] * 8 + [1, 1], [4] * 8 + [0, 0]]
    alone = read(folder, 1, "rows 0.json")[command]
    assert sorted(row for step in alone for row in step) == everything
    assert sorted(map(len, alone), reverse=True) == [8] * 8 + [1, 1]


def test_scores_are_those_of_one_process(folder: Path) -> None:
    one, two = (read(folder, processes, "scores.json") for processes in (1, 2))
    assert one.keys() == two.keys()
    counted = [name for name in one if not name.endswith("/loss")]
    assert {name: two[name] for name in counted} == {name: one[name] for name in counted}
    assert len(set(one.values())) > 8
    assert any(0 < one[name] < 1 for name in counted)
    losses = [name for name in one if name.endswith("/loss")]
    assert len(losses) == 8
    for name in losses:
        assert two[name] == pytest.approx(one[name], abs=1e-6)


def test_predictions_are_those_of_one_process(folder: Path) -> None:
    one = read(folder, 1, "rows 0.json")["answers"]
    two = [row for rank in (0, 1) for row in read(folder, 2, f"rows {rank}.json")["answers"]]
    assert sorted(two, key=str) == sorted(one, key=str)
    assert len(one) == 132  # a row for each of its tasks
