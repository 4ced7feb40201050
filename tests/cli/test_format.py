"""Every command refuses runs of another format version."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from arabic_mtl import load
from arabic_mtl.cli.jobs import create_job
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.record import read_record
from arabic_mtl.files import FORMAT
from arabic_mtl.inference.description import ModelDescription
from arabic_mtl.model.checkpoint import require_whole
from support.configurations import settings
from support.paths import ROOT, SAMPLE
from support.runs import NO_PICTURES, Run, folder_options, run, write_yaml

QUICK = ROOT / "configs" / "quickstart.yaml"
OLD = "arabic_mtl==0.1.0"


def rewrite(path: Path, number: int | None) -> None:
    """Replaces or removes the format number in a JSON file or a checkpoint."""
    if path.suffix == ".ckpt":
        content = torch.load(path, weights_only=True)
        del content["arabic_mtl"]
        torch.save(
            content if number is None else content | {"arabic_mtl": {"format": number}}, path
        )
        return
    facts = json.loads(path.read_text(encoding="utf-8"))
    del facts["format"]
    facts |= {} if number is None else {"format": number}
    path.write_text(json.dumps(facts), encoding="utf-8")


def files(folder: Path) -> list[Path]:
    return [folder / "model.json", folder / "metrics.json", *folder.glob("checkpoints/*.ckpt")]


@pytest.fixture(scope="module")
def old(trained: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a run folder of version 0.1, with class paths that no longer exist."""
    folder = tmp_path_factory.mktemp("old") / "runs" / "quickstart" / "version_0"
    shutil.copytree(trained.folder, folder)
    for path in files(folder):
        rewrite(path, 1 if path.name == "model.json" else None)
    for path in (folder / "config.yaml", folder / "model.json"):
        content = path.read_text(encoding="utf-8")
        path.write_text(content.replace("arabic_mtl.tasks.", "arabic_mtl.gone."), encoding="utf-8")
    (folder / "model.onnx").touch()
    return folder


def assert_refused(text: str, path: Path, found: int = 1, remedy: str = OLD) -> None:
    """Checks for one error that names the file, both numbers and the remedy."""
    lines = [line.strip() for line in text.splitlines() if line != "error"]
    assert [line.split(":")[0] for line in lines] == ["rule", "at", "found", "expected"], text
    assert str(path) in lines[1]
    assert f"format {found}" in lines[2]
    assert f"format {FORMAT}" in lines[3]
    assert remedy in lines[3]


def test_every_file_of_a_run_has_the_format_number(trained: Run) -> None:
    for path in files(trained.folder):
        content: Any = (
            torch.load(path, weights_only=True)["arabic_mtl"]
            if path.suffix == ".ckpt"
            else json.loads(path.read_text(encoding="utf-8"))
        )
        assert content["format"] == FORMAT, path


COMMANDS: dict[str, Callable[[Path], list[object]]] = {
    "fit": lambda run: ["fit", "--ckpt_path", run / "checkpoints" / "last.ckpt"],
    "fit with a configuration": lambda run: [
        *("fit", "--config", QUICK, f"--ckpt_path={run / 'checkpoints' / 'last.ckpt'}")
    ],
    "last": lambda run: [
        *("fit", "--config", QUICK, "--ckpt_path=last"),
        f"--trainer.default_root_dir={run.parent.parent}",
    ],
    "validate": lambda run: ["validate", "--ckpt_path", run / "checkpoints" / "best.ckpt"],
    "test": lambda run: ["test", "--ckpt_path", run / "checkpoints" / "best.ckpt"],
    "inspect": lambda run: [*("inspect", "--config", QUICK, "--text", "فندق", "--ckpt_path", run)],
    "predict": lambda run: [
        *("predict", "--ckpt_path", run, "--input", SAMPLE / "test.xml", "--output", "out.xml")
    ],
    "predict by ONNX": lambda run: [
        *("predict", "--ckpt_path", run, "--backend", "onnx"),
        *("--input", SAMPLE / "test.xml", "--output", "out.xml"),
    ],
    "serve": lambda run: ["serve", "--ckpt_path", run],
    "export": lambda run: ["export", "--ckpt_path", run, "--to", "hf", "exported"],
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_an_old_run_is_refused(
    project: Path, old: Path, words: Callable[[Path], list[object]]
) -> None:
    outcome = run(*words(old))
    assert outcome.code == 2
    assert_refused(outcome.err, old / "model.json")
    assert list(project.iterdir()) == []


@pytest.mark.parametrize("command", ["fit", "validate", "inspect", "predict"])
def test_a_checkpoint_alone_is_refused_by_its_own_number(
    project: Path, old: Path, command: str
) -> None:
    path = project / "some" / "checkpoints" / "best.ckpt"
    path.parent.mkdir(parents=True)
    shutil.copy(old / "checkpoints" / "best.ckpt", path)
    options = {
        "predict": ["--input", SAMPLE / "test.xml", "--output", "out.xml"],
        "inspect": ["--config", QUICK, "--text", "فندق"],
    }
    outcome = run(command, "--ckpt_path", path, *options.get(command, ["--config", QUICK]))
    assert outcome.code == 2
    assert_refused(outcome.err, path)


def test_an_old_checkpoint_in_a_new_run_is_refused(trained: Run, old: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(trained.folder, folder)
    shutil.copy(old / "checkpoints" / "best.ckpt", folder / "checkpoints")
    with pytest.raises(InputError) as error:
        load(folder)
    assert_refused(str(error.value), folder / "checkpoints" / "best.ckpt")


@pytest.mark.parametrize("name", ["model.json", "metrics.json", "checkpoints/best.ckpt"])
@pytest.mark.parametrize(("number", "remedy"), [(None, OLD), (1, OLD), (FORMAT + 1, "upgrade")])
def test_a_file_of_another_format_is_refused(
    trained: Run, tmp_path: Path, name: str, number: int | None, remedy: str
) -> None:
    (tmp_path / "checkpoints").mkdir()
    path = Path(shutil.copy(trained.folder / name, tmp_path / name))
    rewrite(path, number)
    read: dict[str, Callable[[], object]] = {
        "model.json": lambda: ModelDescription.read(tmp_path),
        "metrics.json": lambda: read_record(tmp_path),
        "checkpoints/best.ckpt": lambda: require_whole(path),
    }
    with pytest.raises(InputError) as error:
        read[name]()
    assert_refused(str(error.value), path, number or 1, remedy)


@pytest.mark.parametrize("number", [0, -1, True, "2", 2.0, [2], {}])
def test_an_invalid_format_number_is_refused(trained: Run, tmp_path: Path, number: object) -> None:
    facts = json.loads((trained.folder / "model.json").read_text(encoding="utf-8"))
    (tmp_path / "model.json").write_text(json.dumps(facts | {"format": number}))
    with pytest.raises(InputError) as error:
        ModelDescription.read(tmp_path)
    assert error.value.file == tmp_path / "model.json"
    assert str(error.value.found) == f"format {number!r}"


@pytest.mark.parametrize("name", ["model.json", "metrics.json"])
@pytest.mark.parametrize("part", ["run", "linear"])
def test_a_comparison_refuses_old_runs(project: Path, old: Path, name: str, part: str) -> None:
    config = write_yaml(project / "a.yaml", settings())
    job = create_job(config, 0, [], project / "compared")
    folder = job.run if part == "run" else job.folder.with_name("linear")
    folder.mkdir(parents=True)
    shutil.copy(old / name, folder / name)
    outcome = run("compare", config, "--output", project / "compared")
    assert outcome.code == 2
    assert_refused(outcome.err, folder / name)
    assert outcome.err.rstrip().endswith(f"an --output other than {project / 'compared'}")


def test_an_old_baseline_is_left_out_of_a_report(trained: Run, old: Path, tmp_path: Path) -> None:
    beside = tmp_path / "runs" / "quickstart" / "baseline"
    beside.mkdir(parents=True)
    shutil.copy(old / "metrics.json", beside)
    options = [
        *(*folder_options(tmp_path), NO_PICTURES),
        "--trainer.limit_train_batches=1",
        "--data.text.vocab_size=300",
    ]
    options += ["--model.encoder.size=8", "--model.encoder.buckets=100", "--model.encoder.hidden=8"]
    outcome = run("fit", "--config", QUICK, *options, "--trainer.max_epochs=1")
    assert outcome.code == 0, outcome.err
    notices = [line for line in outcome.err.splitlines() if str(beside / "metrics.json") in line]
    assert len(notices) == 1
    assert (tmp_path / "runs" / "quickstart" / "version_0" / "report.md").is_file()
