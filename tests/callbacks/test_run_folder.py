"""The files of a run folder next to its checkpoints, and the commands that write none."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from support.configurations import settings
from support.paths import files_under
from support.runs import SHRUNK, folder_options, run, write_yaml
from support.semeval import hotel_xml

pytestmark = pytest.mark.runs


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the folder of a finished run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.xml").write_text(hotel_xml(1), encoding="utf-8")
    config = write_yaml(tmp_path / "mine.yaml", settings())
    outcome = run("fit", "--config", config, *folder_options(tmp_path), *SHRUNK)
    assert outcome.code == 0, outcome.err
    return tmp_path / "runs" / "mine" / "version_0"


def test_text_is_a_copy_of_the_pipeline_in_use(folder: Path, tmp_path: Path) -> None:
    (cached,) = (tmp_path / "cache" / "text").iterdir()
    assert files_under(folder / "text") == files_under(cached)
    for name in files_under(cached):
        assert (folder / "text" / name).read_bytes() == (cached / name).read_bytes()


@pytest.mark.slow
def test_config_can_be_used_again(folder: Path, tmp_path: Path) -> None:
    saved = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    plan = {"batch_size": 8, "step": "mixed", "pool": 16, "temperature": 1.0}
    assert {key: value for key, value in saved["data"]["plan"].items() if value} == plan
    assert saved["trainer"]["logger"] is None  # the folder is not for the next run
    assert saved["data"]["tasks"]["ner"]["init_args"]["labels"] == ["ROOMS", "SERVICE", "LOCATION"]
    again = ["--config", folder / "config.yaml", *folder_options(tmp_path), *SHRUNK]
    outcome = run("fit", *again)
    assert outcome.code == 0, outcome.err
    names = sorted(path.name for path in (tmp_path / "runs").rglob("version_*"))
    assert len(names) == 2


def test_evaluating_and_annotating_write_no_run(folder: Path, tmp_path: Path) -> None:
    before = set(files_under(tmp_path))
    checkpoint = f"--ckpt_path={folder / 'checkpoints' / 'best.ckpt'}"
    assert run("validate", checkpoint).code == 0
    assert run("predict", checkpoint, "--input=train.xml", "--output=out.jsonl").code == 0
    new = set(files_under(tmp_path)) - before
    assert {name for name in new if name.startswith("runs")} == set()
    assert {name for name in new if not name.startswith(("cache", "runs"))} == {"out.jsonl"}


def test_a_fast_dev_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.xml").write_text(hotel_xml(1), encoding="utf-8")
    config = write_yaml(tmp_path / "mine.yaml", settings())
    arguments = ["--config", config, *folder_options(tmp_path), "--trainer.fast_dev_run=true"]
    outcome = run("fit", *arguments)
    assert outcome.code == 0, outcome.err
    assert files_under(tmp_path / "runs") == []
