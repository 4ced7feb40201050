"""The format of one's own that the docs show: trained from, annotated, written, edited."""

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
from arabic_mtl.formats import JsonLines, Notices, annotate
from support.configurations import settings
from support.paths import ROOT
from support.runs import places, run, write_yaml

PAGE = (ROOT / "docs" / "formats.md").read_text("utf-8")
CODE, YAML, USE = re.findall(r"```(?:python|yaml)\n(.*?)```", PAGE, re.DOTALL)
TRAIN = "".join(f"__label__{'good جيد' if n % 2 else 'bad سيء'} نص {n}\n" for n in range(40))


@pytest.fixture
def module(project: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModuleType]:
    """``module(code)`` writes and imports ``my_formats.py``, as a new process would."""
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


def test_it_reads_with_and_without_labels(module: Callable[..., ModuleType], project: Path) -> None:
    mine = module().FastText(layer="mood")
    first, *_ = mine.read(project / "train.txt")
    assert (first.text, first.labels, first.line) == ("سيء نص 0", {"mood": ("bad",)}, 1)
    (project / "bare.txt").write_text("__label__bad أ\n\nلا شيء\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        list(mine.read(project / "bare.txt"))
    assert (caught.value.file, caught.value.line) == (project / "bare.txt", 3)
    with (project / "bare.txt").open("rb") as file:
        assert [record.example.text for record in mine.stream(file)] == ["أ", "لا شيء"]


class Good:
    """A model that knows one word."""

    of_whole, layers, roles = ("mood",), {"mood": "mood"}, {}

    def stream(self, inputs: list[str], batch_size: int) -> list[Annotation]:
        return (Annotation(text, (), {"mood": (LabelScore("good", 1.0),)}) for text in inputs)


def test_it_writes(module: Callable[..., ModuleType]) -> None:
    mine, written = module().FastText(layer="mood"), io.BytesIO()
    for writer in (mine, JsonLines()):
        records = mine.stream(io.BytesIO("__label__x أ\nب\n".encode()))
        writer.write(written, annotate(records, Good(), 2), Good(), Notices())
    assert written.getvalue().decode().splitlines() == [
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
def test_it_trains_and_annotates_as_the_docs_show(
    module: Callable[..., ModuleType], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module()
    outcome = run("fit", "--config", config(project), *places(project))
    assert outcome.code == 0, outcome.err
    pipe, written = io.BytesIO("جيد\nسيء\n".encode()), io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, write_through=True))
    exec(USE, {})
    lines = written.getvalue().decode().splitlines()
    assert [re.sub("__label__(good|bad) ", "", line) for line in lines] == ["جيد", "سيء"]


@pytest.mark.runs
def test_an_edited_format_makes_its_tables_anew(
    module: Callable[..., ModuleType], project: Path
) -> None:
    def prepared() -> set[str]:
        arguments = ["--config", config(project), *places(project)]
        outcome = run("describe", *arguments)
        assert outcome.code == 0, outcome.err
        return tables(project)

    module()
    before = prepared()
    module()
    assert prepared() == before
    module(CODE.replace('partition(" ")', 'partition(" ")  # edited'))
    after = prepared()
    assert (after > before, len(after)) == (True, 2 * len(before))
