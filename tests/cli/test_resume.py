"""A run that is killed and resumed has the results of an uninterrupted run, bit for bit."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import chdir
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from support.configurations import settings, word_settings
from support.killing import KILLED
from support.paths import ROOT
from support.runs import run, write_yaml
from support.semeval import hotel_xml
from tools.pages.preloaded import run_fork

pytestmark = pytest.mark.runs
COMMAND = [
    *("fit", "--config", "mine.yaml", "--ckpt_path=last", "--data.cache=cache"),
    *("--trainer.default_root_dir=runs", "--trainer.enable_progress_bar=false"),
    *("--trainer.max_epochs=3", "--trainer.accumulate_grad_batches=2", "--last.every_n_steps=1"),
    *("--trainer.log_every_n_steps=3", "--trainer.callbacks+=support.killing.Kill"),
    *("--trainer.gradient_clip_val=1.0", "--dashboard.cosine_every_n_steps=2"),
]
RUN = Path("runs") / "mine" / "version_0"


def killed(folder: Path, point: str, *options: str) -> tuple[int, str]:
    """Runs the command in a process that is killed; returns the exit code and the output.

    The process is a fork of one that has imported the libraries: the test needs many of them.
    """
    environment = {**os.environ, "KILL": point, "OMP_NUM_THREADS": "1"}
    return run_fork([str(ROOT / "train.py"), *COMMAND, *options], folder, environment, 120)


def finished(folder: Path, *options: str) -> dict[str, Any]:
    """Runs the command to its end; returns its results."""
    with chdir(folder):
        ended = run(*COMMAND, *options)
    assert ended.code == 0, ended.err[-3000:]
    return outcome(folder, ended.out)


def project(folder: Path) -> Path:
    """Writes the files of a run with dropout."""
    folder.mkdir()
    (folder / "train.xml").write_text(hotel_xml(6), encoding="utf-8")
    write_yaml(folder / "mine.yaml", settings())
    words = {key: word_settings()[key] for key in ("data", "model")}
    write_yaml(folder / "words.yaml", words)
    (folder / "more.xml").write_text(hotel_xml(4), encoding="utf-8")
    write_yaml(folder / "shared.yaml", shared_settings())
    return folder


def shared_settings() -> dict[str, Any]:
    """Returns the data of tasks that each have two corpora."""
    data = settings()["data"]
    (reviews,) = data["corpora"].values()
    corpora = {"reviews": reviews, "more": {**reviews, "init_args": {"train": "more.xml"}}}
    for task in data["tasks"].values():
        task["init_args"]["corpus"] = list(corpora)
    return {"data": {**data, "corpora": corpora}}


def outcome(folder: Path, out: str) -> dict[str, Any]:
    """Returns the results of a run, without times."""
    events = EventAccumulator(str(folder / RUN)).Reload()
    scalars = {
        tag: [(event.step, event.value) for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
        if not tag.startswith("speed/")  # times differ
    }
    return {"out": out, "scalars": scalars} | {
        name: checkpoint(folder / RUN / "checkpoints" / f"{name}.ckpt") for name in ("best", "last")
    }


def checkpoint(path: Path) -> dict[str, Any]:
    """Returns weights, optimizer, rates, position and scores of a checkpoint, without paths."""
    content = torch.load(path, weights_only=True)
    kept = ["state_dict", "optimizer_states", "lr_schedulers", "epoch", "global_step", "unlogged"]
    kept += content.keys() & {"current_model_state", "averaging_state"}
    scores = [
        {key: state[key] for key in state.keys() & {"best_model_score", "best", "waited"}}
        for state in content["callbacks"].values()
    ]
    return {"scores": scores, **{key: content[key] for key in kept}}


def assert_same(one: Any, other: Any, key: str = "") -> None:
    """Checks that nested values are equal bit for bit."""
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other), key
    elif isinstance(one, dict):
        assert one.keys() == other.keys(), key
        for name in one:
            assert_same(one[name], other[name], f"{key}.{name}")
    elif isinstance(one, list):
        assert len(one) == len(other), key
        for number, pair in enumerate(zip(one, other, strict=True)):
            assert_same(*pair, f"{key}.{number}")
    else:
        assert one == other, key


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    """``alone(*plan)`` returns the results of an uninterrupted run."""

    @cache
    def results(*plan: str) -> dict[str, Any]:
        return finished(project(tmp_path_factory.mktemp("alone") / "project"), *plan)

    return results


slow = partial(pytest.param, marks=pytest.mark.slow)
soak = partial(pytest.param, marks=pytest.mark.soak)
ROWS: list[str] = []
STEPS = ["--trainer.max_steps=13"]
AVERAGED = ["--trainer.callbacks+=lightning.pytorch.callbacks.EMAWeightAveraging"]
AVERAGED += ["--trainer.callbacks.decay=0.9"]
WORDS = ["--config=words.yaml"]  # another encoder, and every option of the heads
SHARED = ["--config=shared.yaml"]  # tasks on two corpora
TOKENS = ["--data.plan.batch_size=null", "--data.plan.token_budget=71", "--data.plan.pool=2"]


def test_the_uninterrupted_run_has_the_expected_steps(alone: Callable[..., dict[str, Any]]) -> None:
    by_rows = alone(*ROWS)
    assert by_rows["last"]["global_step"] == 15  # 9 micro-batches, 5 optimizer steps, 3 epochs
    assert len(by_rows["scalars"]["train/loss"]) == 5
    assert len(by_rows["scalars"]["val/mean"]) == 3 + 1  # one more for the report
    assert len(by_rows["scalars"]["gradients/cosine/ner-sentiment"]) == 8


@pytest.mark.slow
def test_uninterrupted_runs_of_other_kinds_have_the_expected_steps(
    alone: Callable[..., dict[str, Any]],
) -> None:
    by_tokens = alone(*TOKENS)
    assert by_tokens["last"]["global_step"] == 4 + 5 + 5  # epochs of 8, 9 and 9 batches
    averaged = alone(*AVERAGED)["last"]
    assert any(
        not torch.equal(value, averaged["current_model_state"][name])
        for name, value in averaged["state_dict"].items()
    )
    by_words = alone(*WORDS)
    assert by_words["last"]["global_step"] == 15
    weights = by_words["last"]["state_dict"]
    names = ("encoder.ngrams.bag.weight", "heads.ner.transitions.scores")
    assert {f"network.{name}" for name in names} <= weights.keys()


@pytest.mark.parametrize(
    ("plan", "kills", "options"),
    [
        pytest.param(ROWS, ["batch:1:8"], [], id="once"),
        slow(ROWS, ["batch:0:5", "batch:1:8", "validation:1:1"], [], id="several times"),
        slow(
            *(ROWS, ["batch:1:2", "batch:1:8", "validation:1:1"], ["--data.num_workers=2"]),
            id="two workers",
        ),
        soak(
            *(ROWS, ["validation:0:0", "validation:2:0"], ["--last.every_n_steps=null"]),
            id="saved by the epoch",
        ),
        slow(ROWS, ["saving:1", "saving:5"], [], id="while saving"),
        slow(SHARED, ["batch:1:2"], [], id="tasks on two corpora"),
        soak(TOKENS, ["batch:0:4", "batch:1:8"], [], id="token budget"),
        soak(
            *(STEPS, ["batch:1:2", "batch:2:1"], ["--last.every_n_steps=null"]),
            id="a number of steps",
        ),
        soak(AVERAGED, ["batch:1:2", "validation:1:1"], [], id="averaged weights"),
        soak(WORDS, ["batch:1:2"], [], id="whole words"),
    ],
)
def test_a_resumed_run_has_the_results_of_an_uninterrupted_one(
    alone: Callable[..., dict[str, Any]],
    tmp_path: Path,
    plan: list[str],
    kills: list[str],
    options: list[str],
) -> None:
    folder = project(tmp_path / "project")
    for kill in kills:
        code, out = killed(folder, kill, *plan, *options)
        assert (code, "Best checkpoint" in out) == (-signal.SIGKILL, False), out[-3000:]
        assert out.endswith(KILLED)  # and not by a timeout
    found, expected = finished(folder, *plan, *options), alone(*plan)
    for part in ("scalars", "last", "best", "out"):
        assert_same(expected[part], found[part], part)
    assert [path.name for path in (folder / RUN).parent.iterdir()] == ["version_0"]
