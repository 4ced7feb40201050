"""Runs of earlier versions can be loaded, scored and resumed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import arabic_mtl
from arabic_mtl.documents import Annotation
from arabic_mtl.model.checkpoint import read_checkpoint
from support.paths import ROOT
from support.runs import Outcome, folder_options, run

STORED = sorted(path.parent for path in (ROOT / "tests" / "stored").glob("*/run"))


@pytest.fixture(params=STORED, ids=lambda folder: folder.name)
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Copies a stored folder, with the run in the folder that `fit` would use."""
    folder = tmp_path / "stored"
    shutil.copytree(request.param, folder)
    run_folder = folder / "runs" / "config" / "version_0"
    run_folder.parent.mkdir(parents=True)
    (folder / "run").rename(run_folder)
    return folder


def run_folder_in(folder: Path) -> Path:
    return folder / "runs" / "config" / "version_0"


def options(folder: Path) -> list[str]:
    return [f"--data.root={folder}", "--trainer.accelerator=cpu", *folder_options(folder)]


def scores(outcome: Outcome) -> list[str]:
    assert outcome.code == 0, outcome.err
    return [line for line in outcome.out.splitlines() if "macro_f1" in line]


def assert_same(annotations: list[Annotation], expected: list[dict[str, Any]]) -> None:
    for annotation, stored_annotation in zip(annotations, expected, strict=True):
        value = annotation.as_dict()
        assert value["text"] == stored_annotation["text"]
        assert value["labels"].keys() == stored_annotation["labels"].keys()
        for span, stored_span in zip(value["spans"], stored_annotation["spans"], strict=True):
            assert (span["start"], span["end"]) == (stored_span["start"], stored_span["end"])
            for task, label in stored_span["labels"].items():
                assert span["labels"][task]["label"] == label["label"]
                assert span["labels"][task]["score"] == pytest.approx(label["score"], abs=2e-3)


def test_a_run_of_this_format_is_stored() -> None:
    assert "0.2.0" in [folder.name for folder in STORED]


def test_stored_runs_annotate_as_they_did(stored: Path) -> None:
    expected = json.loads((stored / "annotations.json").read_text(encoding="utf-8"))
    assert sum(len(item["spans"]) for item in expected) >= 3
    annotator = arabic_mtl.load(run_folder_in(stored))
    assert_same(annotator([item["text"] for item in expected]), expected)


@pytest.mark.slow
def test_stored_runs_are_scored(stored: Path) -> None:
    metrics = json.loads((run_folder_in(stored) / "metrics.json").read_text(encoding="utf-8"))
    macro_f1 = metrics["scores"]["validation"]["sentiment/macro_f1"]
    outcome = run("validate", "--ckpt_path", run_folder_in(stored), *options(stored))
    (line,) = [line for line in scores(outcome) if "sentiment" in line]
    assert f"{100 * macro_f1:.1f}" in line


@pytest.mark.slow
def test_stored_runs_are_exported(stored: Path) -> None:
    exported = stored / "exported"
    outcome = run("export", "--ckpt_path", run_folder_in(stored), "--to", "hf", exported)
    assert outcome.code == 0, outcome.err
    expected = json.loads((stored / "annotations.json").read_text(encoding="utf-8"))
    assert_same(arabic_mtl.load(exported)([each["text"] for each in expected]), expected)


def test_stored_runs_resume(stored: Path) -> None:
    last = run_folder_in(stored) / "checkpoints" / "last.ckpt"
    epochs = read_checkpoint(last)["epoch"] + 1
    limit = f"--trainer.max_epochs={epochs + 1}"
    outcome = run("fit", "--ckpt_path", run_folder_in(stored), limit, *options(stored))
    assert outcome.code == 0, outcome.err
    assert read_checkpoint(last)["epoch"] == epochs


@pytest.mark.slow
def test_keys_that_an_older_version_lacked_have_defaults(stored: Path) -> None:
    config = run_folder_in(stored) / "config.yaml"
    value = yaml.safe_load(config.read_text(encoding="utf-8"))
    for section, key in (("plan", "pool"), ("text", "stemming")):
        del value["data"][section][key]
    config.write_text(yaml.safe_dump(value), encoding="utf-8")
    test_stored_runs_resume(stored)


def test_newer_formats_are_refused(stored: Path) -> None:
    description = run_folder_in(stored) / "model.json"
    model = json.loads(description.read_text(encoding="utf-8"))
    description.write_text(json.dumps(model | {"format": 3}), encoding="utf-8")
    files = ("--input", stored / "train.xml", "--output", stored / "output.xml")
    outcome = run("predict", "--ckpt_path", run_folder_in(stored), *files)
    assert outcome.code == 2
    assert "format 3" in outcome.err
