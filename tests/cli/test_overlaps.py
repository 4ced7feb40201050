"""Overlapping spans on the command line: the error, the option, and runs that lack the option."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from arabic_mtl.cli.earlier import complete
from arabic_mtl.cli.run_config import trusted_config
from support.configurations import settings
from support.messages import assert_names, error_fields
from support.paths import ROOT
from support.runs import Outcome, folder_options, run, write_yaml
from support.semeval import document, hotel_xml, review, sentence

pytestmark = pytest.mark.runs

NESTED = sentence(
    "n:0",
    "كانت غرفة الفندق واسعة",
    ("غرفة الفندق", "ROOMS#GENERAL", "positive"),
    ("الفندق", "LOCATION#GENERAL", "positive"),
)


@pytest.fixture
def nested(project: Path) -> Path:
    """Returns a project whose training file has a text with nested targets."""
    body = hotel_xml(2).split("<Reviews>\n")[1].removesuffix("</Reviews>\n")
    (project / "train.xml").write_text(document(review("n", [NESTED]), body), encoding="utf-8")
    return project


def fit(folder: Path, *options: str, **ner: Any) -> Outcome:
    value = settings()
    value["data"]["tasks"]["ner"]["init_args"] |= ner
    config = write_yaml(folder / "mine.yaml", value)
    few = ["--trainer.limit_train_batches=2", "--trainer.limit_val_batches=2"]
    return run("fit", "--config", config, *folder_options(folder), *few, *options)


def tables(folder: Path) -> set[str]:
    return {path.name for path in (folder / "cache" / "tables").glob("*.arrow")}


def test_fit_names_the_text_with_overlapping_spans(nested: Path) -> None:
    error = error_fields(fit(nested))
    assert_names(error.location, "train.xml", "line 4", "sentence n:0")
    assert error.found == "«غرفة الفندق» ROOMS at 5–16 and «الفندق» LOCATION at 10–16"
    assert_names(error.expected, "overlaps", "outermost", "innermost", "first")


@pytest.mark.slow
def test_a_run_without_the_option_resumes_and_is_scored(nested: Path) -> None:
    assert fit(nested, overlaps="cut").code == 0
    run_folder = nested / "runs" / "mine" / "version_0"
    saved = yaml.safe_load((run_folder / "config.yaml").read_text(encoding="utf-8"))
    del saved["data"]["tasks"]["ner"]["init_args"]["overlaps"]
    write_yaml(run_folder / "config.yaml", saved)
    before = tables(nested)
    assert len(before) == 2
    scored = run("validate", "--ckpt_path", run_folder, *folder_options(nested))
    assert scored.code == 0, scored.err
    refused = error_fields(fit(nested, "--ckpt_path=last", overlaps="first"))
    assert refused.found == "data.tasks.ner.init_args.overlaps: cut, now first"
    resumed = fit(nested, "--ckpt_path=last", "--trainer.max_epochs=2")
    assert resumed.code == 0, resumed.err
    assert "overlaps" not in resumed.err
    assert tables(nested) == before  # the same targets


def test_taggers_of_a_stored_run_learn_what_they_did() -> None:
    config = yaml.safe_load(trusted_config(ROOT / "tests" / "stored" / "0.2.0" / "run"))
    tasks = config["data"]["tasks"]
    assert tasks["ner"]["init_args"]["overlaps"] == "cut"
    assert not any("overlaps" in tasks[name]["init_args"] for name in tasks.keys() - {"ner"})


TAGGER = "arabic_mtl.tasks.TokenClassification"


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"data": "data.yaml"},
        {"data": {"tasks": ["ner"]}},
        {"data": {"tasks": {"ner": None, "mood": {"class_path": TAGGER}}}},
        {"data": {"tasks": {"ner": {"class_path": 5, "init_args": {}}}}},
        {"data": {"tasks": {"ner": {"class_path": TAGGER, "init_args": {"overlaps": None}}}}},
        {"data": {"tasks": {"ner": {"class_path": "os.system", "init_args": {"trim": 3}}}}},
    ],
)
def test_other_configurations_stay_as_they_are(config: dict[str, Any]) -> None:
    assert complete(config) == config
