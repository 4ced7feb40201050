"""A run's scores compared with `predict` and `score` on the same texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.cases import slow
from support.configurations import settings, word_settings
from support.runs import folder_options, run, write_yaml
from support.semeval import hotel_xml, rename_reviews

pytestmark = pytest.mark.runs


@pytest.mark.parametrize(
    "value",
    [word_settings(), *slow(settings())],
    ids=["polarity conditioned on categories", "categories added to the annotation"],
)
def test_slot_12_of_the_report_equals_predict_and_score(
    value: dict[str, Any], tmp_path: Path
) -> None:
    files = value["data"]["corpora"]["reviews"]["init_args"]
    for split in ("train", "validation", "test"):
        files[split] = f"{split}.xml"
        (tmp_path / files[split]).write_text(rename_reviews(hotel_xml(3), split), encoding="utf-8")
    config = write_yaml(tmp_path / "own.yaml", value)
    options = [f"--data.root={tmp_path}", "--model.lr=0.01", "--trainer.max_epochs=6"]
    outcome = run("fit", "--config", config, *options, *folder_options(tmp_path))
    assert outcome.code == 0, outcome.err
    folder, gold = tmp_path / "runs" / "own" / "version_0", tmp_path / "test.xml"
    report = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["scores"]["test"]
    places_ = ["--input", gold, "--output", tmp_path / "found.xml"]
    assert run("predict", "--ckpt_path", folder, *places_).code == 0
    outcome = run("score", gold, tmp_path / "found.xml", "--json", tmp_path / "scores.json")
    assert outcome.code == 0, outcome.err
    scores = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))["scores"]
    for name in ("precision", "recall", "f1"):
        assert scores[f"slot12/{name}"] == pytest.approx(report[f"slot12/{name}"], abs=1e-9)
    assert report["slot12/f1"] > 0.2
