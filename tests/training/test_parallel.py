"""Sharded training and training on several machines give the weights of one process."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
import torch

from support.closeness import assert_same
from support.configurations import TINY, settings
from support.paths import ROOT
from support.processes import process
from support.runs import run, write_yaml
from support.semeval import hotel_xml
from tools.pages.processes import free_port

pytestmark = [pytest.mark.runs, pytest.mark.slow]
FSDP = ROOT / "configs" / "parallel" / "fsdp.yaml"
NODES = ROOT / "configs" / "parallel" / "multi_node.yaml"


def test_readme_shows_how_to_start_each_configuration() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "configs" / "parallel").iterdir()):
        assert f"--config configs/parallel/{path.name}" in readme
        assert path in (FSDP, NODES)  # each is tested here


def project(folder: Path) -> Path:
    """Writes the files for a run without dropout."""
    folder.mkdir()
    (folder / "train.xml").write_text(hotel_xml(4), encoding="utf-8")
    value = settings()
    without_dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    value["model"]["encoder"]["init_args"]["config"] = {**TINY, **without_dropout}
    value["model"]["dropout"] = 0.0
    write_yaml(folder / "mine.yaml", value)
    return folder


COMMAND = [  # trains for 20 optimizer steps
    *("fit", "--config", "mine.yaml", "--data.cache=cache", "--trainer.default_root_dir=runs"),
    *("--ckpt_path=last", "--last.every_n_steps=1", "--trainer.enable_progress_bar=false"),
    *("--trainer.max_steps=20", "--trainer.max_epochs=-1", "--trainer.gradient_clip_val=0.5"),
    "--trainer.callbacks+=support.killing.Kill",
]


def fit(folder: Path, *options: object, **environment: str) -> int:
    """Runs the command in a folder, and returns the exit code."""
    words = [str(ROOT / "train.py"), *COMMAND, *map(str, options)]
    done = process(words, folder, 120, environment)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
    return done.returncode


def weights(folder: Path) -> dict[str, Any]:
    """Returns the weights of the last checkpoint, after 20 optimizer steps."""
    path = folder / "runs" / "mine" / "version_0" / "checkpoints" / "last.ckpt"
    checkpoint = torch.load(path, weights_only=True)
    assert checkpoint["global_step"] == 20
    state: dict[str, Any] = checkpoint["state_dict"]
    return state


@pytest.fixture(scope="module")
def single_process(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Returns the weights learned by one process: this one."""
    folder = project(tmp_path_factory.mktemp("alone") / "project")
    with chdir(folder):
        outcome = run(*COMMAND)
    assert outcome.code == 0, outcome.err
    return weights(folder)


@pytest.mark.soak  # the next test trains the same in two parts
def test_sharded_training_gives_the_weights_of_one_process(
    single_process: dict[str, Any], tmp_path: Path
) -> None:
    folder = project(tmp_path / "project")
    assert fit(folder, "--config", FSDP) == 0
    assert_same(weights(folder), single_process, rtol=1e-6, floor=1.0)


def test_sharded_training_resumes_after_a_crash_with_the_weights_of_one_process(
    single_process: dict[str, Any], tmp_path: Path
) -> None:
    folder = project(tmp_path / "project")
    assert fit(folder, "--config", FSDP, KILL="batch:1:3") == -signal.SIGKILL
    assert fit(folder, "--config", FSDP) == 0
    assert_same(weights(folder), single_process, rtol=1e-6, floor=1.0)


def test_two_machines_learn_the_weights_of_one(
    single_process: dict[str, Any], tmp_path: Path
) -> None:
    folder = project(tmp_path / "project")
    port = str(free_port())

    def node(number: int) -> int:
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "NODE_RANK": str(number)}
        return fit(folder, "--config", NODES, "--trainer.devices=1", **address)

    with ThreadPoolExecutor() as pool:
        assert list(pool.map(node, range(2))) == [0, 0]
    assert_same(weights(folder), single_process, rtol=1e-6, floor=1.0)
