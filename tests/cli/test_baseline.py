"""``baseline`` from the command line: the table, the files, and what it says of mistakes."""

from __future__ import annotations

import json
import re
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.documents import SpansPrediction
from arabic_mtl.evaluation import read_predictions
from support.configurations import CATEGORIES, settings
from support.messages import assert_names, error_fields
from support.paths import files_under
from support.runs import Outcome, run, write_yaml
from support.semeval import hotel_xml, rename_reviews

pytestmark = pytest.mark.runs


def learned(project: Path, value: dict[str, Any], *options: str) -> Outcome:
    (project / "train.xml").write_text(hotel_xml(4), encoding="utf-8")
    (project / "test.xml").write_text(rename_reviews(hotel_xml(1), "test"), encoding="utf-8")
    config = write_yaml(project / "hotel.yaml", value)
    return run("baseline", "--config", config, f"--data.cache={project / 'cache'}", *options)


def with_test() -> dict[str, Any]:
    value = settings()
    value["data"]["corpora"]["reviews"]["init_args"]["test"] = "test.xml"
    return value


def test_table_and_files(project: Path) -> None:
    outcome = learned(project, with_test())
    assert outcome.code == 0, outcome.err
    assert re.search("validation majority ┃ validation ┃ test majority ┃ +test ┃", outcome.out)
    assert re.search(r"sentiment +SpanClassification\b.* \d+\.\d CPU ", outcome.out)
    row = re.search(r"│ ner +│ f1 +│ +0.0 │ +100.0 │ +0.0 │ +100.0 │", outcome.out)
    assert row, outcome.out
    folder = Path("runs/hotel/baseline")
    names = ["answers-test.jsonl", "answers-validation.jsonl", "metrics.json"]
    assert files_under(Path("runs")) == [f"hotel/baseline/{name}" for name in names]
    facts = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert facts["system"] == "linear"
    assert facts["majority"]["test"]["ner/f1"] == 0.0
    assert facts["scores"]["test"]["slot2/f1"] == 1.0
    assert facts["scores"]["test"]["ner/f1"] == facts["scores"]["validation"]["ner/f1"] == 1.0
    assert facts["cpu_seconds"] > 0
    answers = list(read_predictions(folder / "answers-test.jsonl"))
    assert len(answers) == 18
    for prediction in (answers[0].predicted["ner"], answers[0].gold["ner"]):
        assert isinstance(prediction, SpansPrediction)
        assert [span.label for span in prediction.spans] == ["ROOMS"]


def test_a_later_call_leaves_nothing_of_an_earlier_one(project: Path) -> None:
    folder = project / "runs" / "hotel" / "baseline"
    folder.mkdir(parents=True)
    for name in ("answers-test.jsonl", "answers-validation.jsonl", "metrics.json"):
        (folder / name).write_text("old", encoding="utf-8")
    assert learned(project, settings()).code == 0
    assert files_under(folder) == ["answers-validation.jsonl", "metrics.json"]
    assert "test" not in json.loads((folder / "metrics.json").read_text())["scores"]
    assert len(list(read_predictions(folder / "answers-validation.jsonl"))) > 0


def unheard() -> dict[str, Any]:
    init = {"corpus": "reviews", "layer": "category", "labels": CATEGORIES}
    return {"class_path": "support.kinds.CustomTask", "init_args": init}


def test_a_kind_that_is_not_known_is_left_out_and_told(project: Path) -> None:
    value = deepcopy(settings())
    value["data"]["tasks"]["odd"] = unheard()
    outcome = learned(project, value)
    assert outcome.code == 0, outcome.err
    assert re.search(r"^odd  .* CustomTask\b", outcome.out, re.MULTILINE)
    scores = json.loads(Path("runs/hotel/baseline/metrics.json").read_text())["scores"]
    names = {name.split("/")[0] for name in scores["validation"] if not name.startswith("slot")}
    assert names == {"sentiment", "ner", "category", "mean"}


def test_nothing_but_unknown_kinds(project: Path) -> None:
    value = deepcopy(settings())
    value["data"]["tasks"] = {"odd": unheard()}
    outcome = learned(project, value)
    assert error_fields(outcome).found == "CustomTask"
    assert not (project / "runs").exists()


def test_without_the_extra(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("arabic_mtl.baselines.linear")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn_crfsuite", None)
    outcome = learned(project, settings())
    error = error_fields(outcome)
    assert_names(error.found, "sklearn_crfsuite")
    assert error.expected == "pip install 'arabic-mtl[baseline]'"
    assert run("baseline", "--help").code == 0


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_teaches(option: str) -> None:
    outcome = run("baseline", option)
    assert outcome.code == 0
    names = ("configs/hotels.yaml", "metrics.json", "arabic-mtl[baseline]", "fit --help")
    assert_names(outcome.out, *names)


def test_an_unknown_option(project: Path) -> None:
    outcome = learned(project, settings(), "--speed=9")
    error = error_fields(outcome)
    assert_names(error.found, "--speed")
    assert_names(error.expected, "arabic-mtl baseline --help")
