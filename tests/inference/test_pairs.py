"""Models that were trained on pairs of texts: asked from Python, from files and as a graph."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import arabic_mtl
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import read_predictions
from arabic_mtl.export import open_model, write_model
from arabic_mtl.export.onnx import write_graphs
from arabic_mtl.inference import Annotator
from support.annotations import assert_close
from support.messages import assert_names, error_fields
from support.runs import TINY_WORDS, Run, folder_options, run, write_yaml

pytestmark = pytest.mark.runs

PAIRS = [
    (f"ما هي عاصمة البلد رقم {n} اليوم", ("العاصمة كبيرة", "الطعام لذيذ")[n % 2]) for n in range(24)
]
MODEL: dict[str, Any] = {"encoder": {"class_path": "arabic_mtl.model.encoders.WordEncoder"}}


def table(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return path


def trained(folder: Path, *, with_texts: bool) -> Run:
    """Trains a task on pairs; and another one on single texts."""
    rows = [[a, b, ("yes", "no")[n % 2]] for n, (a, b) in enumerate(PAIRS)]
    table(folder / "pairs.csv", ["text", "answer", "fits"], rows)
    table(
        folder / "moods.csv",
        ["text", "mood"],
        [[a, ("good", "bad")[n % 2]] for n, (a, _) in enumerate(PAIRS)],
    )
    options = {
        "pairs": {"pair": "answer", "labels": {"fits": "fits"}},
        "moods": {"labels": {"mood": "mood"}},
    }
    labels = {"pairs": ("fits", ["yes", "no"]), "moods": ("mood", ["good", "bad"])}
    names = ["pairs", "moods"] if with_texts else ["pairs"]
    corpora = {
        name: {
            "class_path": "arabic_mtl.formats.Table",
            "init_args": {"train": f"{name}.csv", "validation": f"{name}.csv", **options[name]},
        }
        for name in names
    }
    tasks = {
        labels[name][0]: {
            "class_path": "arabic_mtl.tasks.SequenceClassification",
            "init_args": {"corpus": name, "layer": labels[name][0], "labels": labels[name][1]},
        }
        for name in names
    }
    value = {
        "data": {"corpora": corpora, "tasks": tasks},
        "model": MODEL,
        "trainer": {"max_epochs": 1, "accelerator": "cpu"},
    }
    config = write_yaml(folder / "config.yaml", value)
    arguments = [f"--data.root={folder}", "--dashboard.pictures=false", *TINY_WORDS]
    outcome = run("fit", "--config", config, *arguments, *folder_options(folder))
    assert outcome.code == 0, outcome.err
    return Run(folder / "runs" / "config" / "version_0", outcome)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(tmp_path_factory.mktemp("mixed"), with_texts=True)


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(tmp_path_factory.mktemp("paired"), with_texts=False)


@pytest.fixture(scope="module")
def annotator(mixed: Run) -> Annotator:
    return arabic_mtl.load(mixed.folder)


def test_pairs_and_texts_are_read_by_the_tasks_that_were_trained_on_them(
    annotator: Annotator,
) -> None:
    assert (annotator.reads_texts, annotator.reads_pairs) == (True, True)
    inputs = [PAIRS[0], PAIRS[0][0], PAIRS[1], PAIRS[1][1]]
    found = annotator(inputs)
    assert [list(each.labels) for each in found] == [["fits"], ["mood"], ["fits"], ["mood"]]
    assert [each.text for each in found] == [PAIRS[0][0], PAIRS[0][0], PAIRS[1][0], PAIRS[1][1]]
    for each, alone in zip(found, map(annotator, inputs), strict=True):
        assert_close(each, alone)
    assert list(annotator.logits(PAIRS[0][0])) == ["mood"]


def test_answers_equal_those_of_validation(mixed: Run, annotator: Annotator) -> None:
    answers = read_predictions(mixed.folder / "answers-validation.jsonl")
    examples = [each for each in answers if each.corpus == "pairs"]
    assert len(examples) == len(PAIRS)
    for example in examples:
        assert example.pair is not None
        (label,) = annotator((example.text, example.pair)).labels["fits"]
        assert [label.label] == [each.label for each in example.predicted["fits"].labels]


def test_a_second_text_matters(annotator: Annotator) -> None:
    text = PAIRS[0][0]
    one, other = (annotator((text, pair)).labels["fits"] for pair in ("العاصمة", "لا"))
    assert one[0].score != other[0].score


def test_other_inputs_are_refused(paired: Run) -> None:
    annotator = arabic_mtl.load(paired.folder)
    assert (annotator.reads_texts, annotator.reads_pairs) == (False, True)
    with pytest.raises(InputError, match="alone, or in pairs") as caught:
        annotator("نص")
    assert (caught.value.found, str(caught.value.expected)[:15]) == (
        "a single text",
        "a pair of texts",
    )
    with pytest.raises(InputError, match="a text must be a string"):
        annotator(("نص", None))  # type: ignore[arg-type]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_files_with_pairs_are_annotated(
    mixed: Run, annotator: Annotator, tmp_path: Path, ending: str
) -> None:
    source, target = tmp_path / f"in.{ending}", tmp_path / "out.jsonl"
    if ending == "csv":
        table(source, ["text", "answer"], [list(pair) for pair in PAIRS])
    else:
        lines = [json.dumps({"text": a, "answer": b}) for a, b in PAIRS]
        source.write_text("\n".join(lines), encoding="utf-8")
    arguments = ["--ckpt_path", mixed.folder, "--input", source, "--output", target]
    outcome = run("predict", *arguments, "--option", "pair=answer")
    assert outcome.code == 0, outcome.err
    written = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    expected = [each.as_dict() for each in annotator(PAIRS)]
    assert [line["labels"] for line in written] == [each["labels"] for each in expected]
    assert [line["answer"] for line in written] == [pair for _, pair in PAIRS]


def test_files_without_pairs_are_refused_by_a_model_of_pairs(paired: Run, tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("نص\n", encoding="utf-8")
    arguments = [
        "--ckpt_path",
        paired.folder,
        "--input",
        source,
        "--output",
        tmp_path / "out.jsonl",
    ]
    fields = error_fields(run("predict", *arguments))
    assert_names(fields.rule, "alone, or in pairs")
    assert_names(fields.expected, "the option `pair`")


def test_inspect_shows_the_answer_for_a_pair(mixed: Run, annotator: Annotator) -> None:
    text, pair = PAIRS[0]
    outcome = run("inspect", f"--ckpt_path={mixed.folder}", f"--text={text}", f"--pair={pair}")
    assert outcome.code == 0, outcome.err
    (label,) = annotator(PAIRS[0]).labels["fits"]
    (row,) = (line for line in outcome.out.splitlines() if "fits" in line)
    assert_names(row, label.label)
    assert_names(outcome.out, pair)
    assert "mood" not in outcome.out
    alone = run("inspect", f"--ckpt_path={mixed.folder}", f"--pair={pair}", "--sentence=x")
    assert_names(error_fields(alone).rule, "--pair must be used together with --text")


def test_graphs_and_exported_models_read_pairs(
    mixed: Run, annotator: Annotator, tmp_path: Path
) -> None:
    model = open_model(mixed.folder)
    write_model(model, tmp_path)
    write_graphs(model, tmp_path)
    inputs = [*PAIRS[:5], PAIRS[0][0]]
    for backend in ("torch", "onnx"):
        found = arabic_mtl.load(tmp_path, backend=backend)(inputs)
        for one, other in zip(annotator(inputs), found, strict=True):
            assert_close(one, other, 1e-4)
