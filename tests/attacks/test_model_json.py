"""A foreign model.json: no class that it names is imported, no name in it is a path."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import arabic_mtl
from arabic_mtl.decoders import TokenDecoder
from arabic_mtl.errors import InputError
from arabic_mtl.inference import classes
from arabic_mtl.inference.classes import find_class
from support.attacks import copied, name_class, plant, python
from support.messages import assert_names, told
from support.paths import files_under
from support.runs import Run, run

pytestmark = pytest.mark.runs

PAYLOADS = {
    "evil:X": "evil/__init__.py",
    "payload:X": "payload.py",
    "beside.X": "beside.py",
    "beside.sub.X": "beside/sub.py",
    "package.X": "package/__init__.py",
    "arabic_mtl:payload.X": "payload.py",
    "arabic_mtl.payload.X": "payload.py",
    "arabic_mtl..payload.X": "payload.py",
    ".payload.X": "payload.py",
    "payload": "payload.py",
    "payload.X ": "payload.py",
    "payload.X\n": "payload.py",
    "test_x.X": "test_x.py",
    "unittest.__main__.X": "test_x.py",
    "this.X": "this.py",
    "site.X": "usercustomize.py",
}
"""Class paths, and where their code lies, beside the model and inside of it."""


@pytest.fixture
def model(trained: Run, tmp_path: Path) -> Path:
    return copied(trained, tmp_path / "model")


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


@pytest.mark.parametrize("part", ["encoder", "head", "decoder"])
@pytest.mark.parametrize("class_path", PAYLOADS)
def test_no_module_is_imported_because_a_file_names_it(
    model: Path, marker: Path, monkeypatch: pytest.MonkeyPatch, class_path: str, part: str
) -> None:
    for folder in (model, model.parent):
        plant(folder / PAYLOADS[class_path], marker)
    name_class(model, class_path, part)
    monkeypatch.syspath_prepend(model.parent)
    monkeypatch.syspath_prepend(model)
    monkeypatch.chdir(model)
    before = set(sys.modules)
    with pytest.raises(InputError) as error:
        arabic_mtl.load(model)
    assert class_path in str(error.value.found)
    assert not marker.exists()
    new = {name.split(".")[0] for name in set(sys.modules) - before}
    assert not new & {"evil", "payload", "beside", "package", "unittest", "this", "test_x"}


@pytest.mark.parametrize(
    "class_path",
    [
        "os.system",
        "subprocess.Popen",
        "builtins.eval",
        "arabic_mtl.model.heads.SequenceHead",
        "arabic_mtl.decoders.Nothing",
        "arabic_mtl.cli.main.os.system",
        "arabic_mtl.sample.generate.Path",
        "no_such_module.Decoder",
        "arabic_mtl.cli.main.main",
        "arabic_mtl.decoders.__class__",
        "",
    ],
)
def test_a_class_that_is_no_decoder(model: Path, class_path: str) -> None:
    name_class(model, class_path)
    with pytest.raises(InputError) as error:
        arabic_mtl.load(model)
    assert str(error.value.found).startswith(f"{class_path}, ")
    assert "arabic_mtl.decoders.base.Decoder" in str(error.value.expected)


def test_a_class_of_the_callers_own_code(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("my_decoders")
    own = type("OwnDecoder", (TokenDecoder,), {"__module__": "my_decoders"})
    module.OwnDecoder = own  # type: ignore[attr-defined]
    name_class(model, "my_decoders.OwnDecoder")
    with pytest.raises(InputError):
        arabic_mtl.load(model)
    monkeypatch.setitem(sys.modules, "my_decoders", module)
    assert type(arabic_mtl.load(model).decoders["ner"]) is own


def announce(folder: Path, entry: str) -> None:
    """Makes a folder look as if a distribution were installed there."""
    facts = folder / "announcing-1.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: announcing\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[{classes.GROUP}]\nown = {entry}\n")


def test_a_class_that_an_installed_distribution_announces(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "site"
    announce(installed, "announced_classes:OwnDecoder")
    (installed / "announced_classes.py").write_text(
        "from arabic_mtl.decoders import TokenDecoder\n"
        "class OwnDecoder(TokenDecoder): pass\nclass Other(TokenDecoder): pass\n"
    )
    monkeypatch.syspath_prepend(installed)
    monkeypatch.setattr(classes, "getsitepackages", lambda: [str(installed)])
    assert find_class("announced_classes.Other") is None
    assert "announced_classes" not in sys.modules
    name_class(model, "announced_classes.OwnDecoder")
    decoder = arabic_mtl.load(model).decoders["ner"]
    assert f"{type(decoder).__module__}.{type(decoder).__qualname__}" == (
        "announced_classes.OwnDecoder"
    )
    monkeypatch.delitem(sys.modules, "announced_classes")


def test_metadata_beside_a_model_announces_nothing(
    model: Path, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(model, "payload:X")
    plant(model / "payload.py", marker)
    monkeypatch.syspath_prepend(model)
    monkeypatch.chdir(model)
    assert find_class("payload.X") is None
    assert not marker.exists()


@pytest.mark.parametrize(
    "call", [["-m", "arabic_mtl"], ["-marabic_mtl"], ["-m", "arabic_mtl.__main__"]]
)
def test_modules_in_the_working_folder_are_not_imported(
    model: Path, marker: Path, call: list[str]
) -> None:
    for name in ("tokenizers.py", "dataclasses.py", "pathlib.py", "typing_extensions.py"):
        plant(model / name, marker)
    arguments = (*call, "predict", "--ckpt_path", ".", "--input", "-", "--output", "-")
    done = python(*arguments, cwd=model, typed="الغرفة نظيفة\n")
    assert (done.code, len(done.out.splitlines())) == (0, 1), done.err
    assert not marker.exists()


def test_modules_of_the_users_own_are_named_on_the_command_line(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_own_module.py").write_text(
        "from arabic_mtl.decoders import TokenDecoder\nclass OwnDecoder(TokenDecoder): pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    name_class(model, "my_own_module.OwnDecoder")
    texts, found = tmp_path / "texts.txt", tmp_path / "found.jsonl"
    texts.write_text("الغرفة نظيفة\n", encoding="utf-8")
    command = ("predict", "--ckpt_path", model, "--input", texts, "--output", found)
    assert run(*command).code == 2
    missing = run(*command, "--import", "no_such_module")
    assert_names(told(missing).found, "--import", " no_such_module ", "ModuleNotFoundError")
    assert run(*command, "--import", "my_own_module").code == 0
    assert len(found.read_text(encoding="utf-8").splitlines()) == 1
    monkeypatch.delitem(sys.modules, "my_own_module")


def rename(model: Path, name: str, corpus: str | None = None) -> None:
    path = model / "model.json"
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if corpus is None:
        facts["tasks"][name] = facts["tasks"].pop("category")
    else:
        facts["tasks"]["category"]["corpora"] = [corpus]
    path.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["/{outside}/x", "../x", "..", ".", "a/b", "a\\b", "[/evil]", "a\n", "", "x.y", "-x"]
)
def test_the_name_of_a_task_is_no_path(model: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    name = name.replace("{outside}", str(outside).lstrip("/"))
    rename(model, name)
    made = tmp_path / "deep" / "er" / "exported"
    done = run("export", "--ckpt_path", model, "--to", "hf", made)
    assert done.code == 2
    assert repr(name) in done.err
    assert files_under(outside) == files_under(tmp_path / "deep") == []


@pytest.mark.parametrize("corpus", ["../x", "/x", "[red]", ""])
def test_the_name_of_a_corpus_is_no_path(model: Path, corpus: str) -> None:
    rename(model, "", corpus)
    with pytest.raises(InputError) as error:
        arabic_mtl.load(model)
    assert error.value.found == repr(corpus)
    assert error.value.file == model / "model.json"


@pytest.mark.parametrize("name", ["ner", "sentiment_2", "مشاعر", "aspect-2"])
def test_plain_words_are_names(model: Path, name: str) -> None:
    rename(model, "", name)
    assert arabic_mtl.load(model).tasks["category"].corpora == (name,)
