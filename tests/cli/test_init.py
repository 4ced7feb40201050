"""``init``: a configuration from files that `describe` and `fit` take as it is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from jsonargparse import ActionConfigFile

from arabic_mtl import tasks
from arabic_mtl.cli.draft.tasks import METRICS, TAKEN
from arabic_mtl.cli.draft.yaml import Noted, write_yaml
from arabic_mtl.cli.files import create_format
from arabic_mtl.cli.parser import Parser
from arabic_mtl.formats import Conll, Format, Table
from support.messages import assert_names, error_fields
from support.paths import SAMPLE
from support.runs import run
from support.runs import write_yaml as write_yaml_file


def init(*files: Path, output: Path) -> dict[str, object]:
    """Returns the configuration that `init` writes, as YAML is read."""
    outcome = run("init", *files, "--output", output)
    assert (outcome.code, outcome.err) == (0, "")
    configuration: dict[str, object] = yaml.safe_load(output.read_text(encoding="utf-8"))
    return configuration


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    names = [tmp_path / f"reviews_{split}.xml" for split in ("train", "dev", "test")]
    for split, path in zip(("train", "validation", "test"), names, strict=True):
        shutil.copy(SAMPLE / f"{split}.xml", path)
    return names


def test_opinions_become_three_tasks_on_one_corpus(tmp_path: Path, files: list[Path]) -> None:
    configuration: dict[str, dict[str, dict[str, dict[str, object]]]]
    configuration = init(*files, output=tmp_path / "my.yaml")  # type: ignore[assignment]
    corpora, learned = configuration["data"]["corpora"], configuration["data"]["tasks"]
    assert corpora == {
        "reviews": {
            "class_path": "arabic_mtl.formats.SemEval2016",
            "init_args": dict(zip(("train", "validation", "test"), map(str, files), strict=True)),
        }
    }
    kinds = {name: str(task["class_path"]).rpartition(".")[2] for name, task in learned.items()}
    assert kinds == {
        "sentiment": "SpanClassification",
        "ner": "TokenClassification",
        "category": "MultiLabelClassification",
    }
    assert "validation_share" not in configuration["data"]


@pytest.mark.runs
def test_describe_and_fit_take_the_configuration(tmp_path: Path, files: list[Path]) -> None:
    init(*files, output=tmp_path / "my.yaml")
    options = ["--config", tmp_path / "my.yaml", f"--data.cache={tmp_path / 'cache'}"]
    described = run("describe", *options)
    assert (described.code, "1073" in described.out) == (0, True)
    trained = run("fit", *options, "--trainer.fast_dev_run=true", "--trainer.accelerator=cpu")
    assert trained.code == 0, trained.err


def test_an_existing_configuration_is_not_replaced(tmp_path: Path, files: list[Path]) -> None:
    (tmp_path / "my.yaml").write_text("mine", encoding="utf-8")
    outcome = run("init", *files, "--output", tmp_path / "my.yaml")
    assert outcome.code == 2
    assert_names(error_fields(outcome).found, "my.yaml")
    assert (tmp_path / "my.yaml").read_text(encoding="utf-8") == "mine"


def test_files_without_annotations_are_named(tmp_path: Path, files: list[Path]) -> None:
    bare = tmp_path / "bare.xml"
    bare.write_text(
        '<Reviews><Review rid="1"><sentences><sentence id="1"><text>نص</text></sentence>'
        "</sentences></Review></Reviews>",
        encoding="utf-8",
    )
    outcome = run("init", bare, "--output", tmp_path / "a.yaml")
    assert outcome.code == 2
    assert_names(error_fields(outcome).found, "bare.xml")
    outcome = run("init", files[0], bare, "--output", tmp_path / "b.yaml")
    assert outcome.code == 0
    assert_names(outcome.out, f"left out: {bare}")
    assert "bare.xml" not in (tmp_path / "b.yaml").read_text(encoding="utf-8").split("\n", 1)[1]


def test_few_texts_are_all_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "few.xml"
    path.write_text(
        '<Reviews><Review rid="1"><sentences><sentence id="1"><text>نص جيد</text><Opinions>'
        '<Opinion target="نص" category="A#B" polarity="positive" from="0" to="2"/>'
        "</Opinions></sentence></sentences></Review></Reviews>",
        encoding="utf-8",
    )
    configuration = init(path, output=tmp_path / "few.yaml")
    assert configuration["data"]["validation_share"] == 0  # type: ignore[index]


def test_labels_are_quoted_where_yaml_reads_something_else() -> None:
    values = [
        "NO",
        "0",
        "1.5",
        "TRUE",
        "null",
        "a: b",
        "# c",
        "- d",
        "~",
        "2021-01-01",
        "",
        "é",
        "'",
    ]
    text = write_yaml({"labels": [Noted(value, "3") for value in values], "n": values})
    assert yaml.safe_load(text) == {"labels": values, "n": values}


def test_main_metrics_and_reserved_names_are_those_of_the_classes() -> None:
    assert {kind: getattr(tasks, kind).main_metric for kind in METRICS} == METRICS
    assert {name for name in TAKEN if hasattr(torch.nn.ModuleDict(), name)} == TAKEN - {
        *("encoder", "id", "spans", "text")
    }


@pytest.mark.parametrize("comments", ["# ", "#", "~", None])
def test_comments_of_a_configuration_are_not_read_as_yaml(
    tmp_path: Path, comments: str | None
) -> None:
    options: dict[str, object]
    options = {"columns": ["word", "#"], "comments": comments, "documents": {"column": "#"}}
    created = create_format(Conll, **options)
    assert isinstance(created, Conll)
    assert created.comments == comments
    assert create_format(Table, group="#", id="~", sheet=None) == Table(group="#", id="~")
    entry = {"class_path": "arabic_mtl.formats.Conll", "init_args": options}
    path = write_yaml_file(tmp_path / "a.yaml", {"format": entry})
    parser = Parser(exit_on_error=False)
    parser.add_argument("--config", action=ActionConfigFile)
    parser.add_subclass_arguments(Format, "format")
    parsed = parser.instantiate_classes(parser.parse_args(["--config", str(path)])).format
    assert (parsed.comments, parsed.documents) == (comments, {"column": "#"})


def test_a_file_with_comments_is_described_as_drafted(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    sentences = [f"# sent_id = {n}\nعدن{n} B-LOC\nقال O\n" for n in range(40)]
    path.write_text("\n".join(sentences), encoding="utf-8")
    configuration: dict[str, Any] = init(path, output=tmp_path / "my.yaml")
    (corpus,) = configuration["data"]["corpora"].values()
    assert corpus["init_args"]["comments"] == "# "
    cache = f"--data.cache={tmp_path / 'cache'}"
    described = run("describe", "--config", tmp_path / "my.yaml", cache)
    assert (described.code, described.err) == (0, "")
