"""Two processes learn the weights of one process, for any division of a step's rows."""

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
from support.training import small_module

pytestmark = pytest.mark.runs
FAST_CASES = ["mixed", "own means"]
SLOW_CASES = [name for name in CASES if name not in FAST_CASES]
NOISE = "network.encoder.model.encoder.layer.0.attention.self.key.bias"
"""Shifts all attention scores of a token equally, so that its gradient is 0 up to rounding errors.
Adam normalizes gradients, and so amplifies these errors."""
SHIFTS = {
    "words": {"network.heads.span.attention.key.bias", "network.heads.category.attention.bias"}
}
"""Case to its parameters whose gradient is 0 up to rounding errors."""

Weights = dict[str, Tensor]


def other_sentences() -> str:
    """Returns 33 sentences with one opinion each."""
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
    """Returns the folder of some runs, each in one process and in two."""
    run_folder = write_texts(tmp_path_factory.mktemp("ddp"))
    train(run_folder, "learned", LEARNED, 1)
    evaluate(run_folder, 1)
    return train_both(run_folder, FAST_CASES)


@pytest.fixture(scope="module")
def slow_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder of all other runs."""
    return train_both(write_texts(tmp_path_factory.mktemp("more")), SLOW_CASES)


def write_texts(run_folder: Path) -> Path:
    (run_folder / "others.xml").write_text(other_sentences(), encoding="utf-8")
    return run_folder


def train_both(run_folder: Path, names: list[str]) -> Path:
    for name in names:
        train(run_folder, name, CASES[name], 1)
    done = process(["-m", "support.ddp", str(run_folder), *names], run_folder, 120)
    assert done.returncode == 0, done.stderr[-3000:]
    return run_folder


def weights(folder: Path, name: str, processes: int) -> Weights:
    content = torch.load(folder / f"{name} {processes}" / "last.ckpt", weights_only=True)
    assert content["global_step"] == 20
    state: Weights = content["state_dict"]
    return state


def untrained(folder: Path, name: str) -> Weights:
    data = corpora(folder, CASES[name])
    data.prepare_data()
    data.setup("fit")
    module = small_module(data, balancing=CASES[name].balancing)
    module.build(data.text)
    state: Weights = module.state_dict()
    return state


def distances(first: Weights, second: Weights) -> dict[str, float]:
    assert first.keys() == second.keys()
    return {name: float((first[name] - second[name]).abs().max()) for name in first}


def test_two_processes_learn_the_weights_of_one(folder: Path) -> None:
    assert_same_course(folder, "mixed")


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW_CASES)
def test_two_processes_learn_the_weights_of_one_in_every_case(slow_folder: Path, name: str) -> None:
    assert_same_course(slow_folder, name)


def assert_same_course(folder: Path, name: str) -> None:
    expected, actual = weights(folder, name, 1), weights(folder, name, 2)
    distance_moved = distances(expected, untrained(folder, name))
    exact = name == "double precision"
    unmoved = SHIFTS.get(name, {NOISE})
    compared = expected.keys() - (set() if exact else unmoved)
    assert_same(
        {part: actual[part] for part in compared},
        {part: expected[part] for part in compared},
        rtol=1e-6,
        floor=1.0,
    )
    assert {part for part in distance_moved if distance_moved[part] < 1e-3} <= unmoved
    assert not exact or all(distance_moved[part] < 1e-6 for part in unmoved)  # almost no rounding


def test_means_over_the_items_of_a_process_give_other_weights(folder: Path) -> None:
    expected, actual = weights(folder, "own means", 1), weights(folder, "own means", 2)
    single_process = distances(
        expected, weights(folder, "mixed", 1)
    )  # where all items are in one process
    assert max(single_process[part] for part in single_process.keys() - {NOISE}) < 1e-6
    assert max(distances(expected, actual).values()) > 1e-3


@pytest.mark.parametrize("name", ["mixed", "single"])
def test_tasks_are_unevenly_distributed(tmp_path: Path, name: str) -> None:
    folder = write_texts(tmp_path)
    data = corpora(folder, CASES[name])
    data.prepare_data()
    data.setup("fit")
    steps = data.plan.steps(data.lengths("train"), data.seed, 0)
    counts: Counter[str] = Counter()
    for step in steps:
        rows = [corpus for corpus in step for _ in step[corpus]]
        shares = [Counter(rows[rank::2]) for rank in (0, 1)]
        counts["a corpus is not in the step"] += len(step) < 2
        counts["a process lacks a corpus that is"] += any(s.keys() != step.keys() for s in shares)
        counts["a process has no row"] += not all(shares)
        counts["shares differ in size"] += len({share.total() for share in shares}) > 1
    assert len(steps) == 19  # the last window has one row
    assert counts["a process has no row"] >= 1
    assert counts["shares differ in size"] == 19
    assert counts["a corpus is not in the step"] >= 3
    if name == "mixed":
        assert counts["a process lacks a corpus that is"] >= 8


def read(folder: Path, processes: int, name: str) -> Any:
    path = folder / f"evaluation {processes}" / name
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", ["validate", "test"])
def test_every_row_is_evaluated_once(folder: Path, command: str) -> None:
    all_rows = [[corpus, row] for corpus in ("pairs", "texts") for row in range(33)]
    ranks = [read(folder, 2, f"rows {rank}.json")[command] for rank in (0, 1)]
    assert sorted(row for rank in ranks for step in rank for row in step) == all_rows
    sizes = [sorted(map(len, rank), reverse=True) for rank in ranks]
    assert sizes == [[4] * 8 + [1, 1], [4] * 8 + [0, 0]]
    single_process = read(folder, 1, "rows 0.json")[command]
    assert sorted(row for step in single_process for row in step) == all_rows
    assert sorted(map(len, single_process), reverse=True) == [8] * 8 + [1, 1]


def test_scores_are_those_of_one_process(folder: Path) -> None:
    expected, actual = (read(folder, processes, "scores.json") for processes in (1, 2))
    assert expected.keys() == actual.keys()
    score_names = [name for name in expected if not name.endswith("/loss")]
    assert {name: actual[name] for name in score_names} == {
        name: expected[name] for name in score_names
    }
    assert len(set(expected.values())) > 8
    assert any(0 < expected[name] < 1 for name in score_names)
    losses = [name for name in expected if name.endswith("/loss")]
    assert len(losses) == 8
    for name in losses:
        assert actual[name] == pytest.approx(expected[name], abs=1e-6)


def test_predictions_are_those_of_one_process(folder: Path) -> None:
    expected = read(folder, 1, "rows 0.json")["answers"]
    actual = [row for rank in (0, 1) for row in read(folder, 2, f"rows {rank}.json")["answers"]]
    assert sorted(actual, key=str) == sorted(expected, key=str)
    assert len(expected) == 132  # a row for each of its tasks
