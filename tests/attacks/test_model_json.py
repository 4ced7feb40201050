"""An untrusted model.json: no class in it is imported, and no name in it is used as a path."""

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
from support.attacks import copy_run, run_python, set_class, write_payload
from support.messages import assert_names, error_fields
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
"""Class path to the file with its code, which is written both beside and in the model folder."""


@pytest.fixture
def model(trained: Run, tmp_path: Path) -> Path:
    return copy_run(trained, tmp_path / "model")


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


@pytest.mark.parametrize("part", ["encoder", "head", "decoder"])
@pytest.mark.parametrize("class_path", PAYLOADS)
def test_no_module_named_in_the_file_is_imported(
    model: Path, marker: Path, monkeypatch: pytest.MonkeyPatch, class_path: str, part: str
) -> None:
    for folder in (model, model.parent):
        write_payload(folder / PAYLOADS[class_path], marker)
    set_class(model, class_path, part)
    monkeypatch.syspath_prepend(model.parent)
    monkeypatch.syspath_prepend(model)
    monkeypatch.chdir(model)
    initial = set(sys.modules)
    with pytest.raises(InputError) as error:
        arabic_mtl.load(model)
    assert class_path in str(error.value.found)
    assert not marker.exists()
    new = {name.split(".")[0] for name in set(sys.modules) - initial}
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
        "arabic_mtl.files.Path",
        "no_such_module.Decoder",
        "arabic_mtl.cli.main.main",
        "arabic_mtl.decoders.__class__",
        "",
    ],
)
def test_class_that_is_not_a_decoder_is_rejected(model: Path, class_path: str) -> None:
    set_class(model, class_path)
    with pytest.raises(InputError) as error:
        arabic_mtl.load(model)
    assert str(error.value.found).startswith(f"{class_path}, ")
    assert "arabic_mtl.decoders.base.Decoder" in str(error.value.expected)


def test_imported_class_of_the_caller_is_accepted(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("my_decoders")
    own_class = type("OwnDecoder", (TokenDecoder,), {"__module__": "my_decoders"})
    module.OwnDecoder = own_class  # type: ignore[attr-defined]
    set_class(model, "my_decoders.OwnDecoder")
    with pytest.raises(InputError):
        arabic_mtl.load(model)
    monkeypatch.setitem(sys.modules, "my_decoders", module)
    assert type(arabic_mtl.load(model).decoders["ner"]) is own_class


def announce(folder: Path, entry: str) -> None:
    """Writes the metadata of an installed distribution with an entry point to a folder."""
    facts = folder / "announcing-1.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: announcing\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[{classes.GROUP}]\nown = {entry}\n")


def test_class_in_an_entry_point_is_accepted(
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
    set_class(model, "announced_classes.OwnDecoder")
    decoder = arabic_mtl.load(model).decoders["ner"]
    assert f"{type(decoder).__module__}.{type(decoder).__qualname__}" == (
        "announced_classes.OwnDecoder"
    )
    monkeypatch.delitem(sys.modules, "announced_classes")


def test_entry_points_in_the_model_folder_are_ignored(
    model: Path, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(model, "payload:X")
    write_payload(model / "payload.py", marker)
    monkeypatch.syspath_prepend(model)
    monkeypatch.chdir(model)
    assert find_class("payload.X") is None
    assert not marker.exists()


SCRIPT = str(Path(sys.executable).with_name("arabic-mtl"))


@pytest.mark.parametrize(
    "call", [["-m", "arabic_mtl"], ["-marabic_mtl"], ["-m", "arabic_mtl.__main__"], [SCRIPT]]
)
def test_modules_in_the_working_folder_are_not_imported(
    model: Path, marker: Path, call: list[str]
) -> None:
    for name in ("tokenizers.py", "dataclasses.py", "pathlib.py", "typing_extensions.py"):
        write_payload(model / name, marker)
    arguments = (*call, "predict", "--ckpt_path", ".", "--input", "-", "--output", "-")
    done = run_python(*arguments, cwd=model, typed="الغرفة نظيفة\n")
    assert (done.code, len(done.out.splitlines())) == (0, 1), done.err
    assert not marker.exists()


def test_modules_are_imported_by_a_command_line_option(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_own_module.py").write_text(
        "from arabic_mtl.decoders import TokenDecoder\nclass OwnDecoder(TokenDecoder): pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    set_class(model, "my_own_module.OwnDecoder")
    texts, output = tmp_path / "texts.txt", tmp_path / "output.jsonl"
    texts.write_text("الغرفة نظيفة\n", encoding="utf-8")
    command = ("predict", "--ckpt_path", model, "--input", texts, "--output", output)
    assert run(*command).code == 2
    missing = run(*command, "--import", "no_such_module")
    assert_names(error_fields(missing).found, "--import", " no_such_module ", "ModuleNotFoundError")
    assert run(*command, "--import", "my_own_module").code == 0
    assert len(output.read_text(encoding="utf-8").splitlines()) == 1
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
def test_task_names_are_not_paths(model: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    name = name.replace("{outside}", str(outside).lstrip("/"))
    rename(model, name)
    exported = tmp_path / "deep" / "er" / "exported"
    done = run("export", "--ckpt_path", model, "--to", "hf", exported)
    assert done.code == 2
    assert repr(name) in done.err
    assert files_under(outside) == files_under(tmp_path / "deep") == []


@pytest.mark.parametrize("corpus", ["../x", "/x", "[red]", ""])
def test_corpus_names_are_not_paths(model: Path, corpus: str) -> None:
    rename(model, "", corpus)
    with pytest.raises(InputError) as error:
        arabic_mtl.load(model)
    assert error.value.found == repr(corpus)
    assert error.value.file == model / "model.json"


@pytest.mark.parametrize("name", ["ner", "sentiment_2", "مشاعر", "aspect-2"])
def test_plain_words_are_valid_names(model: Path, name: str) -> None:
    rename(model, "", name)
    assert arabic_mtl.load(model).tasks["category"].corpora == (name,)
