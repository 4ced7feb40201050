"""Shared fixtures: SemEval files, a small tokenizer, trained runs, the real corpus."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import settings

from arabic_mtl.text import TextPipeline
from support.configurations import recipe_settings
from support.paths import ROOT, SAMPLE
from support.runs import NO_PICTURES, TINY_WORDS, Run, folder_options, run, train_run
from support.semeval import Sentence, semeval
from support.tokenizers import WORDS, pipeline

MARKS = {"trained": "runs", "plain_run": "runs", "hotels": "slow", "e5": "slow"}
"""Fixture to the marker of its tests: ``runs`` for training, ``slow`` for real files."""

settings.register_profile("brief", deadline=None, max_examples=20)
settings.register_profile("fast", deadline=None, max_examples=10)
settings.register_profile("thorough", deadline=None, max_examples=50)
settings.load_profile("brief")


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    for fixture in set(getattr(item, "fixturenames", ())) & MARKS.keys():
        item.add_marker(MARKS[fixture])


@pytest.fixture
def write_semeval(tmp_path: Path) -> Callable[..., Path]:
    """Returns a function that writes a SemEval file and returns its path."""

    def write(
        reviews: Mapping[str, Sequence[Sentence]],
        review_opinions: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        name: str = "train.xml",
    ) -> Path:
        path = tmp_path / name
        path.write_text(semeval(reviews, review_opinions), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> TextPipeline:
    """Returns a pipeline with a small learned vocabulary and the ``recipe`` cleaning."""
    return pipeline(tmp_path_factory.mktemp("pipeline") / "text", WORDS * 3)


@pytest.fixture(scope="session")
def hotels() -> Path:
    """Returns the folder of the real corpus."""
    if "ARABIC_MTL_DATA" not in os.environ:
        pytest.skip("set ARABIC_MTL_DATA to run on the real corpus")
    return Path(os.environ["ARABIC_MTL_DATA"]) / "semeval2016_hotels"


@pytest.fixture(scope="session")
def e5() -> Path:
    """Returns the folder of a real pretrained encoder."""
    if "ARABIC_MTL_MODELS" not in os.environ:
        pytest.skip("set ARABIC_MTL_MODELS to run with a real encoder")
    return Path(os.environ["ARABIC_MTL_MODELS"]) / "e5-small-arabic"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Returns a small version of the quickstart run, trained on copies of the sample's files."""
    folder = tmp_path_factory.mktemp("trained")
    root = folder / "xml"
    root.mkdir()
    for split in ("train", "validation", "test"):
        shutil.copy(SAMPLE / f"{split}.xml", root)
    options = [
        *("--data.text.vocab_size=600", "--trainer.max_epochs=2", f"--data.root={root}"),
        "--trainer.limit_train_batches=25",
        *("--model.lr=5e-3", *TINY_WORDS, *folder_options(folder), NO_PICTURES),
    ]
    outcome = run("fit", "--config", ROOT / "configs" / "quickstart.yaml", *options)
    assert outcome.code == 0, outcome.err
    return Run(folder / "runs" / "quickstart" / "version_0", outcome)


@pytest.fixture(scope="session")
def plain_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Returns a run with the heads that Hugging Face's model classes have."""
    return train_run(tmp_path_factory.mktemp("plain"), recipe_settings())


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Changes to an empty folder for the test, and returns the folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
