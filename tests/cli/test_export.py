"""``export``: a folder written atomically, a table of its contents, and clear errors."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path

import pytest

import arabic_mtl
from arabic_mtl.cli import main
from support.annotations import assert_close
from support.messages import assert_names, error_fields
from support.paths import files_under
from support.runs import Run, run


def test_export_of_a_run(trained: Run, project: Path) -> None:
    outcome = run("export", "--ckpt_path", trained.folder, "--to", "hf", "made/model")
    assert (outcome.code, outcome.err) == (0, "")
    assert "arabic_mtl.load" in outcome.out
    lines = {line.split()[1]: line for line in outcome.out.splitlines() if line.startswith("│")}
    for task in ("sentiment", "ner", "category"):
        assert_names(lines[task], " – ", " WordNetwork ")
    text = "كانت الغرفة ممتازة"
    assert_close(arabic_mtl.load("made/model")(text), arabic_mtl.load(trained.folder)(text), 1e-6)
    assert [path.name for path in (project / "made").iterdir()] == ["model"]


@pytest.mark.slow
def test_graphs_are_scored_on_validation(trained: Run, project: Path) -> None:
    outcome = run("export", "--ckpt_path", trained.folder, "--to", "onnx", "graphs")
    assert (outcome.code, outcome.err) == (0, "")
    made = {"model.onnx", "model.int8.onnx", "model.json", "heads.safetensors"}
    assert made <= set(files_under(project / "graphs"))
    metrics = json.loads((trained.folder / "metrics.json").read_text(encoding="utf-8"))
    f1 = f"{100 * metrics['scores']['validation']['ner/f1']:.1f}"
    (line,) = [line for line in outcome.out.splitlines() if "ner/f1" in line]
    torch, graph, small = [cell.strip() for cell in line.split("│")[2:5]]
    assert torch == graph == f1
    assert float(small) == pytest.approx(float(f1), abs=5)
    (speed,) = [line for line in outcome.out.splitlines() if " CPU " in line]
    assert len(re.findall(r"│ +[\d,.]+ ", speed)) == 3


def test_graphs_of_a_model_without_texts(trained: Run, project: Path) -> None:
    assert run("export", "--ckpt_path", trained.folder, "--to", "hf", "model").code == 0
    outcome = run("export", "--ckpt_path", "model", "--to", "onnx", "graphs")
    assert (outcome.code, outcome.err) == (0, "")
    assert re.search(r": .*config\.yaml.* model\n", outcome.out)
    assert "ner/f1" not in outcome.out
    assert "model.onnx" in files_under(project / "graphs")


def test_empty_folder_is_used(trained: Run, project: Path) -> None:
    (project / "model").mkdir()
    assert run("export", "--ckpt_path", trained.best, "--to=hf", "model").code == 0
    assert "heads.safetensors" in files_under(project / "model")


def test_link_to_an_empty_folder_is_used(trained: Run, project: Path) -> None:
    (project / "model").mkdir()
    (project / "link").symlink_to("model")
    assert run("export", "--ckpt_path", trained.best, "--to=hf", "link").code == 0
    assert "heads.safetensors" in files_under(project / "model")


def test_working_folder_raises(trained: Run, project: Path) -> None:
    outcome = run("export", "--ckpt_path", trained.best, "--to=hf", ".")
    error = error_fields(outcome)
    assert error.found.startswith("., ")
    assert_names(error.rule, "DIR")
    assert files_under(project) == []


@pytest.mark.parametrize(
    ("options", "fragments"),
    [
        (["--ckpt_path=MODEL", "--to=hf", "full"], ["DIR", " full, "]),
        (["--ckpt_path=MODEL", "--to=hf", "full/file"], ["DIR", " full/file, "]),
        (["--ckpt_path=MODEL", "--to=hf", "full/file/in"], [os.strerror(errno.ENOTDIR)]),
        (["--ckpt_path=absent", "--to=hf", "made"], [" absent\n", "`arabic-mtl fit`"]),
        (["--ckpt_path=MODEL", "--to=pickle", "made"], ["pickle", "arabic-mtl export --help"]),
        (["--ckpt_path=MODEL", "made"], ["--to", "arabic-mtl export --help"]),
        (["--to=hf", "made"], ["--ckpt_path"]),
    ],
)
def test_mistakes(trained: Run, project: Path, options: list[str], fragments: list[str]) -> None:
    (project / "full").mkdir()
    (project / "full" / "file").touch()
    outcome = run("export", *(option.replace("MODEL", str(trained.folder)) for option in options))
    error_fields(outcome)
    assert outcome.out == ""
    assert_names(outcome.err, *fragments)
    assert files_under(project) == ["full/file"]


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["export", "--help"])
    assert stop.value.code == 0
    assert "arabic-mtl export --ckpt_path runs/quickstart/version_0 --to hf" in (
        capsys.readouterr().out
    )
