"""One trained run for all tests of the command line, and a place for each test's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from local_models import ROOT, SAMPLE, TINY_WORDS, Run, places, run


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The quickstart, shrunk, on copies of the sample's files."""
    place = tmp_path_factory.mktemp("trained")
    root = place / "xml"
    root.mkdir()
    for split in ("train", "validation", "test"):
        shutil.copy(SAMPLE / f"{split}.xml", root)
    options = [
        *("--data.text.vocab_size=600", "--trainer.max_epochs=2", f"--data.root={root}"),
        "--trainer.limit_train_batches=25",
        *("--model.lr=5e-3", *TINY_WORDS, *places(place)),
    ]
    outcome = run("fit", "--config", ROOT / "configs" / "quickstart.yaml", *options)
    assert outcome.code == 0, outcome.err
    return Run(place / "runs" / "quickstart" / "version_0", outcome)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
