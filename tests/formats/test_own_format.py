"""The user-defined format in the documentation: training, annotation, writing, editing."""

from __future__ import annotations

import importlib
import io
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from arabic_mtl.documents import Annotation, LabelScore
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Notices, Records, annotate
from support.configurations import settings
from support.paths import ROOT
from support.runs import folder_options, run, write_yaml

PAGE = (ROOT / "docs" / "formats.md").read_text("utf-8").partition("## A format of your own")[2]
CODE, YAML, USE = re.findall(r"```(?:python|yaml)\n(.*?)```", PAGE, re.DOTALL)
TRAIN = "".join(f"__label__{'good جيد' if n % 2 else 'bad سيء'} نص {n}\n" for n in range(40))


@pytest.fixture
def module(project: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModuleType]:
    """Returns a function that writes and imports ``my_formats.py``, as a new process would."""
    monkeypatch.syspath_prepend(project)
    (project / "train.txt").write_text(TRAIN, encoding="utf-8")

    def make(code: str = CODE) -> ModuleType:
        (project / "my_formats.py").write_text(code, encoding="utf-8")
        sys.modules.pop("my_formats", None)
        importlib.invalidate_caches()
        return importlib.import_module("my_formats")

    yield make
    sys.modules.pop("my_formats", None)


def config(project: Path) -> Path:
    value = settings()
    value["data"] |= yaml.safe_load(YAML)["data"] | {"root": str(project)}
    return write_yaml(project / "my.yaml", value)


def tables(project: Path) -> set[str]:
    return {path.name for path in (project / "cache" / "tables").iterdir()}


def test_format_reads_with_and_without_labels(
    module: Callable[..., ModuleType], project: Path
) -> None:
    fast_text = module().FastText(layer="mood")
    first, *_ = fast_text.read(project / "train.txt")
    assert (first.text, first.labels, first.line) == ("سيء نص 0", {"mood": ("bad",)}, 1)
    (project / "bare.txt").write_text("__label__bad أ\n\nلا شيء\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        list(fast_text.read(project / "bare.txt"))
    assert (caught.value.file, caught.value.line) == (project / "bare.txt", 3)
    with (project / "bare.txt").open("rb") as file:
        assert [record.example.text for record in fast_text.stream(file)] == ["أ", "لا شيء"]


class Good:
    """A model that gives all texts the same label."""

    text_tasks, layers, roles = ("mood",), {"mood": "mood"}, {}

    def stream(self, inputs: list[str], batch_size: int) -> list[Annotation]:
        return (Annotation(text, (), {"mood": (LabelScore("good", 1.0),)}) for text in inputs)


def test_format_writes(module: Callable[..., ModuleType]) -> None:
    fast_text, output = module().FastText(layer="mood"), io.BytesIO()
    for writer in (fast_text, Records()):
        records = fast_text.stream(io.BytesIO("__label__x أ\nب\n".encode()))
        writer.write(output, annotate(records, Good(), 2), Good(), Notices())
    assert output.getvalue().decode().splitlines() == [
        "__label__good أ",
        "__label__good ب",
        '{"id": "line:1", "text": "أ", "spans": [], "labels": {"mood": [{"label": "good", '
        '"score": 1.0}]}}',
        '{"id": "line:2", "text": "ب", "spans": [], "labels": {"mood": [{"label": "good", '
        '"score": 1.0}]}}',
    ]
    with pytest.raises(InputError):
        module().FastText(layer="other").require(Good())


@pytest.mark.runs
def test_format_trains_and_annotates_as_documented(
    module: Callable[..., ModuleType], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module()
    outcome = run("fit", "--config", config(project), *folder_options(project))
    assert outcome.code == 0, outcome.err
    pipe, output = io.BytesIO("جيد\nسيء\n".encode()), io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output, write_through=True))
    exec(USE, {})
    lines = output.getvalue().decode().splitlines()
    assert [re.sub("__label__(good|bad) ", "", line) for line in lines] == ["جيد", "سيء"]


@pytest.mark.runs
def test_editing_the_format_invalidates_the_cache(
    module: Callable[..., ModuleType], project: Path
) -> None:
    def prepared() -> set[str]:
        arguments = ["--config", config(project), *folder_options(project)]
        outcome = run("describe", *arguments)
        assert outcome.code == 0, outcome.err
        return tables(project)

    module()
    initial = prepared()
    module()
    assert prepared() == initial
    module(CODE.replace('partition(" ")', 'partition(" ")  # edited'))
    final = prepared()
    assert (final > initial, len(final)) == (True, 2 * len(initial))
