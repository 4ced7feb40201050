"""The output of commands and the service, compared with the JSON schemas of the documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry, Resource

import arabic_mtl
from support.paths import ROOT
from support.runs import Run, run
from support.service import post, run_client

SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "docs" / "schemas").glob("*.schema.json"))
}
REGISTRY = Registry().with_resources(
    [(f"{name}.schema.json", Resource.from_contents(schema)) for name, schema in SCHEMAS.items()]
)


def validate(name: str, value: Any) -> None:
    Draft202012Validator(SCHEMAS[name], registry=REGISTRY).validate(value)


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["title"]
    assert SCHEMAS[name]["description"]


@pytest.mark.parametrize("name", ["model", "metrics", "calibration"])
def test_files_of_a_run_match(trained: Run, name: str) -> None:
    validate(name, read(trained.folder / f"{name}.json"))


@pytest.mark.parametrize("split", ["validation", "test"])
def test_predicted_examples_match(trained: Run, split: str) -> None:
    lines = (trained.folder / f"answers-{split}.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == {"validation": 211, "test": 223}[split]
    for line in lines:
        validate("predicted_example", json.loads(line))


def test_predictions_match(trained: Run, tmp_path: Path) -> None:
    output = tmp_path / "predictions.jsonl"
    source = ROOT / "arabic_mtl" / "sample" / "test.xml"
    options = ("--ckpt_path", trained.folder, "--input", source, "--output", output)
    assert run("predict", *options).code == 0
    lines = output.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 223
    for line in lines:
        validate("annotation", json.loads(line))


def test_scores_match(tmp_path: Path) -> None:
    gold, output = ROOT / "arabic_mtl" / "sample" / "test.xml", tmp_path / "scores.json"
    assert run("score", gold, gold, "--json", output).code == 0
    validate("scores", read(output))


def test_scores_of_layers_match(tmp_path: Path) -> None:
    gold, output = ROOT / "arabic_mtl" / "sample" / "test.xml", tmp_path / "scores.json"
    assert run("score", gold, gold, "--layer", "category", "--json", output).code == 0
    validate("scores", read(output))
    assert {layer["kind"] for layer in read(output)["layers"]} == {"spans", "labels"}


def test_answers_of_the_service_match(trained: Run) -> None:
    annotator = arabic_mtl.load(trained.folder)
    validate("request", {"texts": ["الغرفة نظيفة"]})
    status, answer = run_client(annotator, lambda client: post(client, ["الغرفة نظيفة", "wifi 😍"]))
    assert status == 200
    validate("response", answer)
    status, answer = run_client(annotator, lambda client: post(client, []))
    assert status == 400
    validate("error", answer)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("request", {"texts": []}),
        ("request", {"texts": ["a"], "model": 1}),
        ("annotation", {"text": "a", "spans": [], "labels": {"sentiment": [{"label": "good"}]}}),
        ("calibration", {"weights": None, "tasks": {"ner": {"slope": 0, "shift": 1}}}),
        ("scores", {"left_out": {}}),
        ("scores", {"layers": [], "left_out": {}}),
        ("scores", {"subtask": "SB1", "scores": {}, "left_out": {}}),
        ("model", {"format": 1, "arabic_mtl": "0.1.0", "encoder": {}, "tasks": {}}),
    ],
)
def test_other_values_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        validate(name, value)
