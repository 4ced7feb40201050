"""Loading a model: what is no model, what is damaged, and what would run code."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

import arabic_mtl
from arabic_mtl.decoders import Decoder, TokenDecoder
from arabic_mtl.errors import InputError
from arabic_mtl.inference import classes
from arabic_mtl.inference.description import Made, ModelDescription
from arabic_mtl.inference.parts import find
from support.messages import assert_names
from support.runs import Run


@pytest.fixture
def model(trained: Run, tmp_path: Path) -> Path:
    """A copy of a run, to be damaged."""
    folder = tmp_path / "run"
    shutil.copytree(trained.folder, folder)
    return folder


def refused(path: Path, **options: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        arabic_mtl.load(path, **options)
    return caught.value


def change(path: Path, **facts: Any) -> None:
    """Other values in a JSON file."""
    known = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(known | facts), encoding="utf-8")


def test_where_the_weights_are(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    for name in ("checkpoints/last.ckpt", "checkpoints/best.ckpt"):
        (tmp_path / name).touch()
        assert find(tmp_path) == (tmp_path, tmp_path / name)
    last = tmp_path / "checkpoints" / "last.ckpt"
    assert find(last) == (tmp_path, last)


@pytest.mark.parametrize(
    ("name", "sought"), [("nothing", False), ("folder", True), ("file.txt", False)]
)
def test_what_is_no_model(tmp_path: Path, name: str, sought: bool) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.txt").touch()
    error = refused(tmp_path / name)
    assert str(error.found).endswith(f" {tmp_path / name}")
    assert ("best.ckpt" in str(error.found)) is sought
    assert_names(error.expected, "`train.py fit`")


def test_an_onnx_model_is_asked_for_where_there_is_none(model: Path) -> None:
    error = refused(model, backend="onnx")
    assert_names(error.found, " model.onnx ", f" {model}")
    assert_names(error.expected, "train.py export --to onnx")


@pytest.mark.parametrize("content", [None, "", "[]", '{"format": 2}', "{\xff"])
def test_a_description_that_says_nothing(model: Path, content: str | None) -> None:
    path = model / "model.json"
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="latin-1")
    error = refused(model)
    assert error.file == path
    assert_names(error.expected, "`train.py fit`", "`train.py export`")


def test_a_truncated_checkpoint(model: Path) -> None:
    best = model / "checkpoints" / "best.ckpt"
    best.write_bytes(best.read_bytes()[:-2000])
    error = refused(model)
    assert error.file == best
    assert str(error.expected).endswith("last.ckpt")


def test_weights_of_another_model(model: Path) -> None:
    best = model / "checkpoints" / "best.ckpt"
    content = torch.load(best, weights_only=True)
    del content["state_dict"]["network.heads.ner.output.bias"]
    torch.save(content, best)
    error = refused(best)
    assert error.file == best
    assert_names(error.found, "heads.ner.output.bias")


class Evil:
    """Leaves a trace where it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.trace}",)


@pytest.mark.parametrize("place", ["state_dict", "outputs"])
def test_a_checkpoint_that_would_run_code(model: Path, tmp_path: Path, place: str) -> None:
    best, trace = model / "checkpoints" / "best.ckpt", tmp_path / "trace"
    content = torch.load(best, weights_only=True)
    torch.save(content | {place: Evil(trace)}, best)
    error = refused(model)
    assert error.file == best
    assert str(error.expected).endswith("last.ckpt")
    assert not trace.exists()


def test_a_class_that_is() -> None:
    made = Made.of(TokenDecoder(labels=("A",)), {})
    assert made.class_path == "arabic_mtl.decoders.token.TokenDecoder"
    assert classes.class_of(made, Decoder) is TokenDecoder


def test_arguments_that_a_class_does_not_take(model: Path) -> None:
    tasks = json.loads((model / "model.json").read_text(encoding="utf-8"))["tasks"]
    tasks["ner"]["head"]["init_args"]["colour"] = "red"
    change(model / "model.json", tasks=tasks)
    error = refused(model)
    assert_names(error.rule, "model.json")
    assert_names(error.found, tasks["ner"]["head"]["class_path"], "colour")


def test_a_damaged_calibration(model: Path) -> None:
    path = model / "calibration.json"
    path.write_text('{"weights": "best.ckpt", "tasks": {"ner": {"steepness": 1}}}')
    error = refused(model)
    assert error.file == path
    assert_names(error.found, "steepness")


def test_a_damaged_text_pipeline(model: Path) -> None:
    (model / "text" / "tokenizer.json").write_text("{}")
    error = refused(model)
    assert_names(error.rule, "text.json", "tokenizer.json")
    assert_names(error.found, model / "text")


@pytest.mark.parametrize(
    "facts", [{"pad_id": "x"}, {"settings": []}, {"settings": {"stemming": "none of them"}}]
)
def test_damaged_facts_of_a_text_pipeline(model: Path, facts: dict[str, Any]) -> None:
    change(model / "text" / "text.json", **facts)
    error = refused(model)
    assert_names(error.rule, "text.json", "tokenizer.json")
    assert_names(error.found, model / "text")


def test_a_calibration_that_is_no_number(model: Path) -> None:
    change(model / "calibration.json", weights=None, tasks={"ner": {"slope": "x"}})
    error = refused(model)
    assert error.file == model / "calibration.json"
    assert_names(error.found, "'x'")


def test_classes_that_are_damaged(model: Path) -> None:
    facts = json.loads((model / "model.json").read_text(encoding="utf-8"))
    change(model / "model.json", encoder={**facts["encoder"], "class_path": None})
    assert refused(model).found == "TypeError: class_path: None"
    abstract = {"class_path": "arabic_mtl.model.encoders.Encoder", "init_args": {}}
    change(model / "model.json", encoder=abstract)
    assert "abstract" in str(refused(model).found)


def test_a_task_that_builds_on_none(model: Path) -> None:
    tasks = json.loads((model / "model.json").read_text(encoding="utf-8"))["tasks"]
    tasks["sentiment"]["decoder"]["init_args"]["spans_from"] = "absent"
    change(model / "model.json", tasks=tasks)
    error = refused(model)
    assert_names(error.found, "sentiment", "absent")
    assert_names(error.expected, ", ".join(tasks), "model.json")


def test_a_graph_without_its_backend(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").touch()
    assert_names(refused(tmp_path / "model.onnx").expected, " onnx")


def test_a_device_that_is_not_there(model: Path) -> None:
    absent = "cuda:7" if torch.cuda.is_available() else "cuda"
    for device in (absent, "toaster", "meta"):
        error = refused(model, device=device)
        assert str(error.found).startswith(f"{device}: ")
        assert_names(error.expected, "cpu", "cuda")
    error = refused(model, device="cuda", backend="onnx")
    assert_names(error.found, "device cuda", "backend onnx")
    assert_names(error.expected, "device cpu", "backend torch")


def test_what_is_written_is_read_again(model: Path, tmp_path: Path) -> None:
    description = ModelDescription.read(model)
    description.write(tmp_path)
    assert (tmp_path / "model.json").read_bytes() == (model / "model.json").read_bytes()
    assert ModelDescription.read(tmp_path) == description
    assert description.tasks["sentiment"].decoder.class_path.endswith(".SpanDecoder")
    assert description.encoder.class_path == "arabic_mtl.model.encoders.word.WordEncoder"
