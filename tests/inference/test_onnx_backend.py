"""Annotators that run ONNX graphs: equal annotations, without torch."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import arabic_mtl
from arabic_mtl.errors import InputError
from arabic_mtl.export import open_model, write_model
from arabic_mtl.export.onnx import write_graphs
from arabic_mtl.inference.parts import INT8, ONNX
from support.annotations import assert_close
from support.configurations import recipe_settings
from support.runs import Run, train_run
from support.semeval import sample_texts

pytestmark = pytest.mark.runs

TEXTS = ["", "كانت الغُرفة ممتازة", " ", "الموقع سيئة للغاية " * 12, *sample_texts()[:30]]


def exported(run: Run, folder: Path) -> Path:
    model = open_model(run.folder)
    write_model(model, folder)
    write_graphs(model, folder)
    return folder


@pytest.fixture(scope="module")
def words(trained: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(trained, tmp_path_factory.mktemp("words"))


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns an exported transformer with windows of 16 tokens and a task on pairs."""
    value = recipe_settings(max_length=16)
    run = train_run(tmp_path_factory.mktemp("windows"), value)
    return exported(run, tmp_path_factory.mktemp("exported"))


@pytest.mark.parametrize("fixture", ["words", "windows"])
def test_annotations_equal_torch(request: pytest.FixtureRequest, fixture: str) -> None:
    folder: Path = request.getfixturevalue(fixture)
    by_torch, by_graph = arabic_mtl.load(folder), arabic_mtl.load(folder, backend="onnx")
    found = by_graph(TEXTS, batch_size=7)
    for one, other in zip(by_torch(TEXTS), found, strict=True):
        assert_close(one, other, 1e-4)
    assert any(annotation.spans for annotation in found)


def test_many_spans_are_split_into_several_calls(
    words: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = arabic_mtl.load(words)(TEXTS)
    monkeypatch.setattr("arabic_mtl.decoders.span._COPIES", 1)
    for annotator in (arabic_mtl.load(words), arabic_mtl.load(words, backend="onnx")):
        for one, other in zip(annotator(TEXTS), expected, strict=True):
            assert_close(one, other, 1e-4)


def test_path_of_either_graph_can_be_loaded(words: Path) -> None:
    small, whole, default = (
        arabic_mtl.load(words / name, backend="onnx").logits(TEXTS[1])["ner"]["tags"]
        for name in (INT8, ONNX, "")
    )
    np.testing.assert_array_equal(whole, default)
    assert 0 < np.abs(small - whole).max() < 1
    with pytest.raises(InputError, match=r"README\.md"):
        arabic_mtl.load(words / "README.md", backend="onnx")


WITHOUT = """
import json, sys
import arabic_mtl
annotator = arabic_mtl.load(sys.argv[1], backend="onnx")
found = annotator(json.loads(sys.argv[2]))
heavy = {"torch", "transformers", "lightning", "datasets", "torchmetrics", "pandas", "onnx"}
loaded = sorted(heavy & set(sys.modules))
print(json.dumps({"loaded": loaded, "found": [a.as_dict() for a in found]}))
"""


def test_torch_is_not_needed(words: Path) -> None:
    command = [sys.executable, "-c", WITHOUT, str(words), json.dumps(TEXTS)]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert outcome.returncode == 0, outcome.stderr
    result = json.loads(outcome.stdout)
    assert result["loaded"] == []
    assert result["found"] == [a.as_dict() for a in arabic_mtl.load(words, backend="onnx")(TEXTS)]


def test_graph_of_another_model_raises(words: Path, windows: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(words, tmp_path / "mixed")
    shutil.copy(windows / ONNX, folder / ONNX)
    with pytest.raises(InputError) as caught:
        arabic_mtl.load(folder, backend="onnx")
    assert caught.value.file == folder / ONNX
    assert "model.json" in caught.value.rule


def test_missing_onnxruntime_raises(words: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError) as caught:
        arabic_mtl.load(words, backend="onnx")
    assert caught.value.expected == "pip install 'arabic-mtl[onnx]'"
