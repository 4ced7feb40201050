"""What the command line makes of ``--ckpt_path``."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml

from arabic_mtl.cli.checkpoint import check_checkpoint, with_run
from arabic_mtl.cli.run_config import trusted_config
from arabic_mtl.errors import InputError
from support.messages import assert_names, told
from support.paths import files_under
from support.runs import Run, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty run folder."""
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "config.yaml").touch()
    return tmp_path


@pytest.mark.parametrize("joined", [True, False])
def test_a_run_folder_gives_its_config(folder: Path, joined: bool) -> None:
    path = folder / "checkpoints" / "a.ckpt"
    option = [f"--ckpt_path={path}"] if joined else ["--ckpt_path", str(path)]
    (folder / "config.yaml").write_text("data: {}\nmodel: {lr: 1.0}\ntrainer: {devices: 2}\n")
    config = ["--config", trusted_config(folder)]
    assert yaml.safe_load(config[1]) == {"model": {"lr": 1.0}}
    again = f"--ckpt_path={path}"  # for a run's own configuration says that there is none
    assert with_run(["test", *option]) == ["test", *config, *option, again]


@pytest.mark.parametrize(
    "given", [["-c", "mine.yaml"], ["--config", "m.yaml"], ["--config=m.yaml"]]
)
def test_a_given_config_goes_first_and_the_vocabulary_stays(folder: Path, given: list[str]) -> None:
    (folder / "text").mkdir()
    option = f"--ckpt_path={folder / 'checkpoints' / 'a.ckpt'}"
    saved = f"--data.text.saved={folder / 'text'}"
    assert with_run(["validate", *given, option]) == ["validate", *given, option, option, saved]


@pytest.mark.parametrize(
    "words", [["fit"], ["fit", "--ckpt_path"], ["fit", "--ckpt_path="], ["fit", "--ckpt_path=a"]]
)
def test_nothing_is_added_without_a_run_folder(words: list[str]) -> None:
    assert with_run(words) == words


def test_a_checkpoint_of_ours_is_accepted(trained: Run) -> None:
    check_checkpoint(trained.best)
    saved = torch.load(trained.best, weights_only=True)
    assert saved["outputs"]["sentiment"] == ["positive", "negative", "neutral"]
    assert list(saved["outputs"]) == ["sentiment", "ner", "category"]


@pytest.mark.parametrize("there", [True, False])
def test_a_file_that_is_none_is_refused(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "a.ckpt"
    if there:
        path.write_bytes(b"PK\x03\x04 not a checkpoint")
    with pytest.raises(InputError) as error:
        check_checkpoint(path)
    assert error.value.file == (path if there else None)
    assert (str(path) in str(error.value.found)) is not there
    assert_names(error.value.expected, "`train.py fit`")


def test_the_run_folder_is_complete(trained: Run) -> None:
    names = set(files_under(trained.folder))
    assert names >= {
        *("config.yaml", "checkpoints/best.ckpt", "checkpoints/last.ckpt"),
        *("text/text.json", "text/tokenizer.json", "text/tokenizer_config.json"),
    }


def test_the_saved_config_holds_what_was_given(trained: Run) -> None:
    saved = yaml.safe_load((trained.folder / "config.yaml").read_text(encoding="utf-8"))
    assert saved["data"]["text"]["vocab_size"] == 600
    assert saved["model"]["lr"] == 0.005
    assert saved["trainer"]["max_epochs"] == 2
    assert saved["seed_everything"] == 0
    assert "tasks" not in saved["model"]  # they follow data.tasks
    assert list(saved["data"]["tasks"]) == ["sentiment", "ner", "category"]


@pytest.mark.parametrize("command", ["validate", "test", "inspect"])
def test_a_mistyped_checkpoint_is_told_of_before_the_missing_configuration(
    tmp_path: Path, command: str
) -> None:
    outcome = run(command, "--ckpt_path", tmp_path / "nope.ckpt")
    error = told(outcome)
    assert_names(error.rule, "--ckpt_path")
    assert_names(error.found, tmp_path / "nope.ckpt")
    assert_names(error.expected, ".ckpt")
