"""The ways to call the command line, and the program's name in help and messages."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import arabic_mtl
from arabic_mtl.cli import main
from arabic_mtl.errors import program
from support.attacks import write_payload
from support.paths import ROOT
from support.runs import Run, run

pytestmark = pytest.mark.runs

SCRIPT = Path(sys.executable).with_name("arabic-mtl")
CALLS = {
    "arabic-mtl": [str(SCRIPT)],
    "python train.py": [sys.executable, str(ROOT / "train.py")],
    "python -m arabic_mtl": [sys.executable, "-m", "arabic_mtl"],
}


def call(program: str, *words: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command in a folder, as a user would."""
    assert SCRIPT.is_file(), "pip install --editable . installs it"
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [*CALLS[program], *map(str, words)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_the_script_is_declared_and_installed() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        declared = tomllib.load(file)["project"]["scripts"]
    assert declared == {"arabic-mtl": "arabic_mtl.cli:main"}
    (script,) = entry_points(group="console_scripts", name="arabic-mtl")
    assert script.load() is main


@pytest.mark.parametrize("name", CALLS)
def test_help_names_the_program_as_it_was_called(tmp_path: Path, name: str) -> None:
    done = call(name, "--help", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: {name} COMMAND [OPTIONS]\n")
    assert f"\n  {name} fit --config configs/quickstart.yaml\n" in done.stdout
    others = [other for other in CALLS if other != name and other not in name]
    assert not [other for other in others if other in done.stdout]


@pytest.mark.parametrize("name", CALLS)
def test_errors_name_the_program_as_it_was_called(tmp_path: Path, name: str) -> None:
    done = call(name, "score", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error\n"
        "  rule:     the options must be valid for the command\n"
        "  found:    the following arguments are required: GOLD, SYSTEM\n"
        f"  expected: see {name} score --help\n"
    )


@pytest.mark.parametrize("name", CALLS)
def test_the_version_is_that_of_the_package(tmp_path: Path, name: str) -> None:
    done = call(name, "--version", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"arabic-mtl {arabic_mtl.__version__}\n"


def test_the_version_is_printed_without_slow_imports(tmp_path: Path) -> None:
    code = (
        "import sys; from arabic_mtl.cli import main; main(['--version'])\n"
        "print(sorted({'torch', 'lightning', 'transformers', 'rich', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == f"arabic-mtl {arabic_mtl.__version__}\n[]\n"


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        ("/project/train.py", "python train.py"),
        ("train.py", "python train.py"),
        ("/lib/arabic_mtl/__main__.py", "python -m arabic_mtl"),
        ("/lib/pytest/__main__.py", "arabic-mtl"),
        ("/bin/arabic-mtl", "arabic-mtl"),
        ("C:/Scripts/arabic-mtl.exe", "arabic-mtl"),
        ("/lib/ipykernel_launcher.py", "arabic-mtl"),
        ("", "arabic-mtl"),
    ],
)
def test_the_program_is_known_by_the_first_argument(
    monkeypatch: pytest.MonkeyPatch, argument: str, name: str
) -> None:
    monkeypatch.setattr(sys, "argv", [argument, "fit"])
    assert program() == name
    assert run("fitt").err.endswith(f"; see {name} --help\n")


def test_the_script_imports_nothing_from_the_working_folder(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    for module in ("tokenizers", "dataclasses", "pathlib", "yaml", "lxml", "arabic_mtl/__init__"):
        write_payload(tmp_path / f"{module}.py", marker)
    done = call("arabic-mtl", "score", "absent.xml", "absent.xml", folder=tmp_path)
    assert "no file absent.xml" in done.stderr
    assert not marker.exists()


def test_the_script_annotates_texts_in_a_models_folder(trained: Run, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("الغرفة نظيفة\n", encoding="utf-8")
    files = ("--input", "texts.txt", "--output", "found.jsonl")
    done = call("arabic-mtl", "predict", "--ckpt_path", trained.folder, *files, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "found.jsonl").read_text(encoding="utf-8").splitlines()) == 1
