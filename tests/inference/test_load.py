"""Loading of models: missing models, damaged files, and files that would run code."""

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
from arabic_mtl.inference.description import ClassSpec, ModelDescription
from arabic_mtl.inference.parts import find
from support.messages import assert_names
from support.runs import Run


@pytest.fixture
def model(trained: Run, tmp_path: Path) -> Path:
    """Returns a copy of a run folder, to be damaged."""
    folder = tmp_path / "run"
    shutil.copytree(trained.folder, folder)
    return folder


def load_error(path: Path, **options: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        arabic_mtl.load(path, **options)
    return caught.value


def change(path: Path, **facts: Any) -> None:
    """Changes values in a JSON file."""
    known = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(known | facts), encoding="utf-8")


def test_find_prefers_the_best_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    for name in ("checkpoints/last.ckpt", "checkpoints/best.ckpt"):
        (tmp_path / name).touch()
        assert find(tmp_path) == (tmp_path, tmp_path / name)
    last = tmp_path / "checkpoints" / "last.ckpt"
    assert find(last) == (tmp_path, last)


@pytest.mark.parametrize(
    ("name", "sought"), [("nothing", False), ("folder", True), ("file.txt", False)]
)
def test_missing_model_raises(tmp_path: Path, name: str, sought: bool) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.txt").touch()
    error = load_error(tmp_path / name)
    assert str(error.found).endswith(f" {tmp_path / name}")
    assert ("best.ckpt" in str(error.found)) is sought
    assert_names(error.expected, "`arabic-mtl fit`")


def test_missing_graph_raises(model: Path) -> None:
    error = load_error(model, backend="onnx")
    assert_names(error.found, " model.onnx ", f" {model}")
    assert_names(error.expected, "arabic-mtl export --to onnx")


@pytest.mark.parametrize("content", [None, "", "[]", '{"format": 2}', "{\xff"])
def test_damaged_description_raises(model: Path, content: str | None) -> None:
    path = model / "model.json"
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="latin-1")
    error = load_error(model)
    assert error.file == path
    assert_names(error.expected, "`arabic-mtl fit`", "`arabic-mtl export`")


def test_truncated_checkpoint_raises(model: Path) -> None:
    best = model / "checkpoints" / "best.ckpt"
    best.write_bytes(best.read_bytes()[:-2000])
    error = load_error(model)
    assert error.file == best
    assert str(error.expected).endswith("last.ckpt")


def test_weights_of_another_model_raise(model: Path) -> None:
    best = model / "checkpoints" / "best.ckpt"
    content = torch.load(best, weights_only=True)
    del content["state_dict"]["network.heads.ner.output.bias"]
    torch.save(content, best)
    error = load_error(best)
    assert error.file == best
    assert_names(error.found, "heads.ner.output.bias")


class Evil:
    """An object that creates a file when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.trace}",)


@pytest.mark.parametrize("place", ["state_dict", "outputs"])
def test_checkpoint_with_code_raises(model: Path, tmp_path: Path, place: str) -> None:
    best, trace = model / "checkpoints" / "best.ckpt", tmp_path / "trace"
    content = torch.load(best, weights_only=True)
    torch.save(content | {place: Evil(trace)}, best)
    error = load_error(model)
    assert error.file == best
    assert str(error.expected).endswith("last.ckpt")
    assert not trace.exists()


def test_resolve_class_returns_own_class() -> None:
    spec = ClassSpec.from_object(TokenDecoder(labels=("A",)), {})
    assert spec.class_path == "arabic_mtl.decoders.token.TokenDecoder"
    assert classes.resolve_class(spec, Decoder) is TokenDecoder


def test_unknown_argument_raises(model: Path) -> None:
    tasks = json.loads((model / "model.json").read_text(encoding="utf-8"))["tasks"]
    tasks["ner"]["head"]["init_args"]["colour"] = "red"
    change(model / "model.json", tasks=tasks)
    error = load_error(model)
    assert_names(error.rule, "model.json")
    assert_names(error.found, tasks["ner"]["head"]["class_path"], "colour")


def test_damaged_calibration_raises(model: Path) -> None:
    path = model / "calibration.json"
    path.write_text('{"weights": "best.ckpt", "tasks": {"ner": {"steepness": 1}}}')
    error = load_error(model)
    assert error.file == path
    assert_names(error.found, "steepness")


def test_damaged_text_pipeline_raises(model: Path) -> None:
    (model / "text" / "tokenizer.json").write_text("{}")
    error = load_error(model)
    assert_names(error.rule, "text.json", "tokenizer.json")
    assert_names(error.found, model / "text")


@pytest.mark.parametrize(
    "facts", [{"pad_id": "x"}, {"settings": []}, {"settings": {"stemming": "none of them"}}]
)
def test_damaged_settings_of_a_text_pipeline_raise(model: Path, facts: dict[str, Any]) -> None:
    change(model / "text" / "text.json", **facts)
    error = load_error(model)
    assert_names(error.rule, "text.json", "tokenizer.json")
    assert_names(error.found, model / "text")


def test_calibration_without_number_raises(model: Path) -> None:
    change(model / "calibration.json", weights=None, tasks={"ner": {"slope": "x"}})
    error = load_error(model)
    assert error.file == model / "calibration.json"
    assert_names(error.found, "'x'")


def test_damaged_class_path_raises(model: Path) -> None:
    facts = json.loads((model / "model.json").read_text(encoding="utf-8"))
    change(model / "model.json", encoder={**facts["encoder"], "class_path": None})
    assert load_error(model).found == "TypeError: class_path: None"
    abstract = {"class_path": "arabic_mtl.model.encoders.Encoder", "init_args": {}}
    change(model / "model.json", encoder=abstract)
    assert "abstract" in str(load_error(model).found)


def test_missing_dependency_raises(model: Path) -> None:
    tasks = json.loads((model / "model.json").read_text(encoding="utf-8"))["tasks"]
    tasks["sentiment"]["decoder"]["init_args"]["spans_from"] = "absent"
    change(model / "model.json", tasks=tasks)
    error = load_error(model)
    assert_names(error.found, "sentiment", "absent")
    assert_names(error.expected, ", ".join(tasks), "model.json")


def test_graph_with_torch_backend_raises(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").touch()
    assert_names(load_error(tmp_path / "model.onnx").expected, " onnx")


def test_absent_device_raises(model: Path) -> None:
    absent = "cuda:7" if torch.cuda.is_available() else "cuda"
    for device in (absent, "toaster", "meta"):
        error = load_error(model, device=device)
        assert str(error.found).startswith(f"{device}: ")
        assert_names(error.expected, "cpu", "cuda")
    error = load_error(model, device="cuda", backend="onnx")
    assert_names(error.found, "device cuda", "backend onnx")
    assert_names(error.expected, "device cpu", "backend torch")


def test_description_round_trip(model: Path, tmp_path: Path) -> None:
    description = ModelDescription.read(model)
    description.write(tmp_path)
    assert (tmp_path / "model.json").read_bytes() == (model / "model.json").read_bytes()
    assert ModelDescription.read(tmp_path) == description
    assert description.tasks["sentiment"].decoder.class_path.endswith(".SpanDecoder")
    assert description.encoder.class_path == "arabic_mtl.model.encoders.word.WordEncoder"
