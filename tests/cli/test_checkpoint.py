"""The option ``--ckpt_path``: run folders, checkpoints, and the configuration of their run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml

from arabic_mtl.cli import main
from arabic_mtl.cli.checkpoint import check_checkpoint, complete_from_run, find_checkpoint
from arabic_mtl.cli.run_config import trusted_config
from arabic_mtl.errors import InputError
from support.messages import assert_names, error_fields
from support.paths import files_under
from support.runs import Outcome, Run, run, write_yaml


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty run folder."""
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "config.yaml").touch()
    return tmp_path


@pytest.mark.parametrize("joined", [True, False])
def test_the_configuration_of_the_run_is_added(folder: Path, joined: bool) -> None:
    path = folder / "checkpoints" / "a.ckpt"
    option = [f"--ckpt_path={path}"] if joined else ["--ckpt_path", str(path)]
    (folder / "config.yaml").write_text("data: {}\nmodel: {lr: 1.0}\ntrainer: {devices: 2}\n")
    config = ["--config", trusted_config(folder)]
    assert yaml.safe_load(config[1]) == {"model": {"lr": 1.0}}
    again = f"--ckpt_path={path}"  # the run's configuration has `ckpt_path: null`
    assert complete_from_run(["test", *option]) == ["test", *config, *option, again]


@pytest.mark.parametrize(
    "given", [["-c", "mine.yaml"], ["--config", "m.yaml"], ["--config=m.yaml"]]
)
def test_the_vocabulary_is_that_of_the_run_under_another_configuration(
    folder: Path, given: list[str]
) -> None:
    (folder / "text").mkdir()
    option = f"--ckpt_path={folder / 'checkpoints' / 'a.ckpt'}"
    saved = f"--data.text.saved={folder / 'text'}"
    assert complete_from_run(["validate", *given, option]) == [
        "validate",
        *given,
        option,
        option,
        saved,
    ]


@pytest.mark.parametrize(
    "words",
    [
        *(["fit"], ["fit", "--ckpt_path"], ["fit", "--ckpt_path="], ["fit", "--ckpt_path=last"]),
        ["fit", "--config=a.yaml", "--ckpt_path=a"],
    ],
)
def test_nothing_is_added_without_a_run_folder(words: list[str]) -> None:
    assert complete_from_run(words) == words


def test_a_checkpoint_of_a_run_is_accepted(trained: Run) -> None:
    check_checkpoint(trained.best)
    saved = torch.load(trained.best, weights_only=True)
    assert saved["outputs"]["sentiment"] == ["positive", "negative", "neutral"]
    assert list(saved["outputs"]) == ["sentiment", "ner", "category"]


@pytest.mark.parametrize("exists", [True, False])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path, exists: bool) -> None:
    path = tmp_path / "a.ckpt"
    if exists:
        path.write_bytes(b"PK\x03\x04 not a checkpoint")
    with pytest.raises(InputError) as error:
        check_checkpoint(path)
    assert error.value.file == (path if exists else None)
    assert (str(path) in str(error.value.found)) is not exists
    assert_names(error.value.expected, "`arabic-mtl fit`")


def test_the_run_folder_is_complete(trained: Run) -> None:
    names = set(files_under(trained.folder))
    assert names >= {
        *("config.yaml", "checkpoints/best.ckpt", "checkpoints/last.ckpt"),
        *("text/text.json", "text/tokenizer.json", "text/tokenizer_config.json"),
    }


def test_the_saved_configuration_has_the_options_of_the_run(trained: Run) -> None:
    saved = yaml.safe_load((trained.folder / "config.yaml").read_text(encoding="utf-8"))
    assert saved["data"]["text"]["vocab_size"] == 600
    assert saved["model"]["lr"] == 0.005
    assert saved["trainer"]["max_epochs"] == 2
    assert saved["seed_everything"] == 0
    assert "tasks" not in saved["model"]  # they follow data.tasks
    assert list(saved["data"]["tasks"]) == ["sentiment", "ner", "category"]


@pytest.fixture
def empty_run(tmp_path: Path) -> Callable[..., Path]:
    """``empty_run("last.ckpt")`` makes a run folder whose checkpoints are empty files."""

    def create(*names: str) -> Path:
        for name in names:
            path = tmp_path / "run" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path / "run"

    return create


CHOICES = [
    (["checkpoints/best.ckpt", "checkpoints/last.ckpt"], "best", "last"),
    (["checkpoints/last.ckpt"], "last", "last"),
    (["checkpoints/best-ner.ckpt", "checkpoints/last.ckpt"], "last", "last"),
    (["checkpoints/epoch=1.ckpt"], "epoch=1", None),
    (["checkpoints/best.ckpt"], "best", None),
]


@pytest.mark.parametrize(("names", "scored", "resumed"), CHOICES)
def test_a_run_folder_stands_for_one_of_its_checkpoints(
    empty_run: Callable[..., Path], names: list[str], scored: str, resumed: str | None
) -> None:
    folder = empty_run(*names)
    for command in ("validate", "test", "inspect"):
        assert find_checkpoint(folder, command) == folder / "checkpoints" / f"{scored}.ckpt"
    if resumed is None:
        with pytest.raises(InputError) as caught:
            find_checkpoint(folder, "fit")
        assert_names(caught.value.rule, "--ckpt_path")
        assert_names(caught.value.found, f"checkpoints/last.ckpt in {folder}", f"{scored}.ckpt")
        assert_names(caught.value.expected, "run folder", "checkpoints/last.ckpt")
    else:
        assert find_checkpoint(folder, "fit") == folder / "checkpoints" / f"{resumed}.ckpt"


@pytest.mark.parametrize("name", ["absent", "last", "best.ckpt"])
def test_paths_that_are_no_folders_stay(project: Path, name: str) -> None:
    (project / "best.ckpt").touch()
    for command in ("fit", "test"):
        assert find_checkpoint(Path(name), command) == Path(name)


@pytest.mark.parametrize("command", ["fit", "validate", "test", "inspect"])
def test_a_folder_without_checkpoints_is_refused(project: Path, command: str) -> None:
    error = error_fields(run(command, "--ckpt_path", project))
    assert_names(error.found, "last.ckpt", project)
    assert_names(error.expected, "arabic-mtl fit" if command != "fit" else "checkpoints/last.ckpt")


def test_several_checkpoints_without_a_best_are_refused(empty_run: Callable[..., Path]) -> None:
    folder = empty_run("checkpoints/a.ckpt", "checkpoints/b.ckpt")
    error = error_fields(run("validate", "--ckpt_path", folder))
    assert (error.found, error.location) == ("a.ckpt, b.ckpt", str(folder / "checkpoints"))


def test_an_exported_model_is_no_checkpoint(empty_run: Callable[..., Path]) -> None:
    folder = empty_run("heads.safetensors")
    error = error_fields(run("test", "--ckpt_path", folder))
    assert_names(error.rule, "--ckpt_path")
    assert_names(error.found, folder, "exported")
    assert_names(error.expected, "arabic-mtl fit", ".ckpt")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["validate", "test"])
def test_scores_of_a_run_folder_are_those_of_its_best_checkpoint(
    trained: Run, project: Path, command: str
) -> None:
    by_folder = run(command, "--ckpt_path", trained.folder)
    assert by_folder.code == 0, by_folder.err
    by_file = run(command, f"--ckpt_path={trained.best}")
    assert scores(by_folder) == scores(by_file)
    assert list(project.iterdir()) == []


def scores(outcome: Outcome) -> str:
    """Returns the printed table, without the progress bar."""
    before, title, table = outcome.out.partition(" Scores ")
    assert title, before
    return table


def test_inspect_takes_a_run_folder(trained: Run) -> None:
    text = ("--text", "الغرفة نظيفة")
    by_folder = run("inspect", "--ckpt_path", trained.folder, *text)
    assert by_folder.code == 0, by_folder.err
    assert by_folder == run("inspect", "--ckpt_path", trained.best, *text)


def test_a_run_folder_is_completed_like_its_checkpoint(trained: Run) -> None:
    for command, name in (("fit", "last"), ("validate", "best"), ("inspect", "best")):
        checkpoint = trained.folder / "checkpoints" / f"{name}.ckpt"
        words = complete_from_run([command, "--ckpt_path", str(trained.folder)])
        expected = complete_from_run([command, "--ckpt_path", str(checkpoint)])
        assert [word for word in words if word != str(trained.folder)] == [
            word for word in expected if word != str(checkpoint)
        ]


@pytest.mark.slow
def test_a_configuration_may_name_a_run_folder(trained: Run, project: Path) -> None:
    content = yaml.safe_load((trained.folder / "config.yaml").read_text(encoding="utf-8"))
    content |= {"ckpt_path": str(trained.folder), "data": content["data"] | {"text": {}}}
    content["data"]["text"]["saved"] = str(trained.folder / "text")
    content["model"]["encoder"]["init_args"]["saved"] = str(trained.folder / "encoder")
    outcome = run("validate", "--config", write_yaml(project / "mine.yaml", content))
    assert outcome.code == 0, outcome.err
    expected = scores(run("validate", "--ckpt_path", trained.folder))
    assert sorted(scores(outcome).split("\n")) == sorted(
        expected.split("\n")
    )  # the order of tasks differs


@pytest.mark.parametrize("command", ["fit", "validate", "test"])
def test_help_describes_run_folders(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    text = " ".join(capsys.readouterr().out.split())
    parts = ["A run folder or its last.ckpt resumes", "`last` resumes the newest run"]
    if command != "fit":
        parts = ["a run folder, whose best checkpoint is used, or one of its checkpoints"]
    assert_names(text, *parts)


def test_the_report_names_the_run_folder_for_the_next_commands(trained: Run) -> None:
    lines = trained.outcome.out.partition("Next:\n")[2].split("\n")
    assert lines[1:3] == [
        f"  arabic-mtl test --ckpt_path {trained.folder}",
        f"  arabic-mtl predict --ckpt_path {trained.folder} --input FILE --output FILE",
    ]


@pytest.mark.parametrize("command", ["fit", "validate", "test", "inspect"])
def test_a_missing_checkpoint_is_reported_before_a_missing_configuration(
    tmp_path: Path, command: str
) -> None:
    outcome = run(command, "--ckpt_path", tmp_path / "nope.ckpt")
    error = error_fields(outcome)
    assert_names(error.rule, "--ckpt_path")
    assert_names(error.found, tmp_path / "nope.ckpt")
    assert_names(error.expected, "arabic-mtl fit", ".ckpt")
