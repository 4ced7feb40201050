"""``fit --ckpt_path``: the runs that it resumes, its notices, and what it refuses."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from support.cases import slow
from support.configurations import settings
from support.messages import assert_names, error_fields
from support.paths import files_under
from support.runs import Outcome, run, write_yaml
from support.semeval import hotel_xml

pytestmark = pytest.mark.runs

VERSION = Path("runs") / "mine" / "version_0"
CHECKPOINTS = VERSION / "checkpoints"
LAST, BEST = CHECKPOINTS / "last.ckpt", CHECKPOINTS / "best.ckpt"
RESUME = "--ckpt_path=last"


def fit(*options: object) -> Outcome:
    """Trains in the current folder, two batches per epoch."""
    places = ["--data.cache=cache", "--trainer.default_root_dir=runs"]
    quiet = ["--trainer.enable_progress_bar=false", "--data.plan.batch_size=8"]
    few = ["--trainer.limit_train_batches=2", "--trainer.limit_val_batches=2"]
    return run("fit", *options, *places, *quiet, *few)


MINE = ("--config", "mine.yaml")


Changes = list[tuple[str, object, object]]  # settings with their old and new values
LONGER = ("trainer.max_epochs", 1, 2)
ABSENT = ""  # the value of a setting that did not exist


def assert_changed(text: str, *changes: tuple[str, object, object]) -> None:
    """Checks that a text names exactly these settings, with both values."""
    found = re.findall(r"([\w.]+): (\S+), (?:\w+ )?([^\s;]+)(?=;|$)", text, re.MULTILINE)
    assert [key for key, *_ in found] == sorted(key for key, *_ in changes), text
    for (_, *values), (_, *expected) in zip(found, sorted(changes), strict=True):
        for value, setting in zip(values, expected, strict=True):
            assert value == str(setting) or setting == ABSENT, text


def assert_resumed(outcome: Outcome, run: Path, epoch: int, step: int) -> None:
    """Checks the notice of the run, epoch and step from which training resumes."""
    (line,) = [line for line in outcome.err.splitlines() if re.search(r"\bstep \d", line)]
    assert f" {run} " in line
    assert [int(number) for number in re.findall(r" (\d+)\b", line)] == [epoch, step]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a folder with a run of one epoch."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "train.xml").write_text(hotel_xml(2), encoding="utf-8")
    write_yaml(folder / "mine.yaml", settings())
    here = Path.cwd()
    os.chdir(folder)
    try:
        outcome = fit(*MINE)
    finally:
        os.chdir(here)
    assert outcome.code == 0, outcome.err
    return folder


@pytest.fixture
def project(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns a copy of that folder, which is the working directory."""
    folder = tmp_path / "project"
    shutil.copytree(finished, folder)
    monkeypatch.chdir(folder)
    return folder


def steps(path: Path) -> int:
    found: int = torch.load(path, weights_only=True)["global_step"]
    return found


def versions() -> list[str]:
    return sorted(path.name for path in VERSION.parent.iterdir())


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    "given", [[*MINE, RESUME], *slow([f"--ckpt_path={LAST}"])], ids=["last", "path"]
)
def test_a_damaged_checkpoint_is_named_with_the_newest_undamaged_one(
    project: Path, given: list[str]
) -> None:
    truncate(LAST)
    before = files_under(project)
    outcome = fit(*given, "--trainer.max_epochs=2")
    error = error_fields(outcome)
    assert error.location == str(LAST)
    assert_names(error.expected, BEST)
    assert files_under(project) == before


def test_the_newest_undamaged_checkpoint_is_named(project: Path) -> None:
    for number, name in enumerate(("newer.ckpt", "older.ckpt", "damaged.ckpt")):
        shutil.copy(BEST, CHECKPOINTS / name)
        time = 2_000_000_000 - 100 * number
        os.utime(CHECKPOINTS / name, (time, time))
    truncate(CHECKPOINTS / "newer.ckpt")
    (CHECKPOINTS / "damaged.ckpt").write_bytes(b"")
    os.utime(CHECKPOINTS / "damaged.ckpt", (2_100_000_000, 2_100_000_000))
    truncate(LAST)
    error = error_fields(fit(*MINE, RESUME))
    assert error.location == str(LAST)
    assert re.findall(r"\S+\.ckpt", error.expected) == [str(CHECKPOINTS / "older.ckpt")]


@pytest.mark.parametrize("size", ["half", *slow("nothing")])
def test_no_checkpoint_is_named_if_all_are_damaged(project: Path, size: str) -> None:
    for path in (LAST, BEST):
        os.truncate(path, path.stat().st_size // 2 if size == "half" else 0)
    outcome = fit(*MINE, RESUME)
    error = error_fields(outcome)
    assert error.location == str(LAST)
    assert_names(error.expected, "arabic-mtl fit")
    assert str(BEST) not in outcome.err


@pytest.mark.slow
def test_the_named_checkpoint_can_be_used(project: Path) -> None:
    truncate(LAST)
    outcome = fit(f"--ckpt_path={BEST}", "--trainer.max_epochs=2")
    assert outcome.code == 0, outcome.err
    assert steps(VERSION.with_name("version_1") / "checkpoints" / "last.ckpt") == 4


def without_oddities(err: str) -> list[str]:
    """Returns the lines of an output without those about irregular files."""
    return [line for line in err.splitlines() if " × " not in line]


@pytest.mark.slow
def test_a_first_run_is_started_if_there_is_none_to_resume(project: Path) -> None:
    shutil.rmtree("runs")
    outcome = fit(*MINE, RESUME)
    assert outcome.code == 0, outcome.err
    assert (versions(), steps(LAST)) == (["version_0"], 2)
    (line,) = without_oddities(outcome.err)
    assert " runs/mine " in line
    assert not re.search(r"version_|\d", line)  # no run is resumed


@pytest.mark.slow
def test_a_run_without_a_checkpoint_is_started_again_in_its_folder(project: Path) -> None:
    shutil.rmtree(CHECKPOINTS)
    outcome = fit(*MINE, RESUME, "--trainer.max_epochs=2")
    assert outcome.code == 0, outcome.err
    assert (versions(), steps(LAST)) == (["version_0"], 4)
    (line,) = without_oddities(outcome.err)
    assert line.startswith(f"{VERSION} ")
    assert_changed(line)  # there are no earlier settings


@pytest.mark.slow
def test_the_newest_run_is_resumed(project: Path) -> None:
    for number in (2, 10):
        shutil.copytree(VERSION, VERSION.with_name(f"version_{number}"))
    outcome = fit(*MINE, RESUME, "--trainer.max_epochs=2")
    assert outcome.code == 0, outcome.err
    assert_resumed(outcome, VERSION.with_name("version_10"), 0, 2)
    assert versions() == ["version_0", "version_10", "version_2"]
    newest = VERSION.with_name("version_10") / "checkpoints" / "last.ckpt"
    assert (steps(newest), steps(LAST)) == (4, 2)


@pytest.mark.parametrize(
    "given",
    [[*MINE, RESUME], [f"--ckpt_path={VERSION}"], *slow([f"--ckpt_path={LAST}"])],
    ids=["last", "folder", "path"],
)
def test_a_run_is_resumed_in_its_own_folder(project: Path, given: list[str]) -> None:
    outcome = fit(*given, "--trainer.max_epochs=2")
    assert outcome.code == 0, outcome.err
    assert (versions(), steps(LAST)) == (["version_0"], 4)
    assert_resumed(outcome, VERSION, 0, 2)
    assert_changed(outcome.err, LONGER)


def test_a_finished_run_is_scored_again(project: Path) -> None:
    before = {path: path.read_bytes() for path in (LAST, BEST)}
    outcome = fit(*MINE, RESUME)
    assert outcome.code == 0, outcome.err
    assert_names(outcome.out, f"{BEST}\n", "val/mean", "ner", "f1")
    assert {path: path.read_bytes() for path in (LAST, BEST)} == before


CHANGES = [
    ("--model.lr=0.25", ("model.lr", 0.001, 0.25)),
    ("--seed_everything=5", ("seed_everything", 0, 5)),
    ("--data.tasks.ner.weight=2", ("data.tasks.ner.init_args.weight", 1.0, 2.0)),
    ("--data.plan.pool=1", ("data.plan.pool", 16, 1)),
    ("--data.plan.shares={reviews: 1.0}", ("data.plan.shares.reviews", ABSENT, 1.0)),
]
SAVED = [
    ("--data.text.stemming=snowball", ("data.text.stemming", "none", "snowball")),
    (
        "--model.encoder.init_args.config.num_attention_heads=1",
        ("model.encoder.init_args.config.num_attention_heads", 2, 1),
    ),
    (
        "--model.encoder.init_args.config.hidden_dropout_prob=0.5",
        ("model.encoder.init_args.config.hidden_dropout_prob", ABSENT, 0.5),
    ),
]


@pytest.mark.parametrize(
    ("option", "change"), [CHANGES[0], *slow(*CHANGES[1:]), SAVED[0], *slow(*SAVED[1:])]
)
def test_last_refuses_changed_settings(
    project: Path, option: str, change: tuple[str, object, object]
) -> None:
    before = files_under(project)
    outcome = fit(*MINE, RESUME, "--trainer.max_epochs=2", option)
    error = error_fields(outcome)
    assert_names(error.rule, RESUME)
    assert_changed(error.found, change)
    assert_names(error.expected, VERSION / "config.yaml", f"--ckpt_path={VERSION},")
    assert files_under(project) == before


@pytest.mark.parametrize(("option", "change"), [CHANGES[0], *slow(*CHANGES[1:])])
def test_a_run_resumed_by_its_path_may_have_changed_settings(
    project: Path, option: str, change: tuple[str, object, object]
) -> None:
    outcome = fit(*MINE, f"--ckpt_path={LAST}", "--trainer.max_epochs=2", option)
    assert outcome.code == 0, outcome.err
    assert_changed(outcome.err, LONGER, change)


@pytest.mark.parametrize(("option", "change"), [SAVED[0], *slow(*SAVED[1:])])
def test_a_resumed_run_keeps_its_encoder_and_text_pipeline(
    project: Path, option: str, change: tuple[str, object, object]
) -> None:
    before = files_under(project)
    outcome = fit(*MINE, f"--ckpt_path={LAST}", "--trainer.max_epochs=2", option)
    error = error_fields(outcome)
    assert RESUME not in error.rule
    assert_changed(error.found, change)
    assert_names(error.expected, VERSION / "config.yaml")
    assert str(LAST) not in error.expected  # it would be refused, too
    assert files_under(project) == before


@pytest.mark.parametrize(
    "given", [[*MINE, RESUME], *slow([f"--ckpt_path={LAST}"])], ids=["last", "path"]
)
def test_a_run_is_not_resumed_with_other_texts(project: Path, given: list[str]) -> None:
    before = LAST.read_bytes()
    (project / "train.xml").write_text(hotel_xml(3), encoding="utf-8")
    outcome = fit(*given, "--trainer.max_epochs=2")
    error = error_fields(outcome)
    assert error.found.endswith(f" in {project}") or error.found.endswith(" in .")
    assert_names(error.expected, "--ckpt_path")
    assert LAST.read_bytes() == before


def test_a_run_folder_without_configuration_is_refused(project: Path) -> None:
    (VERSION / "config.yaml").unlink()
    assert_names(error_fields(fit(*MINE, RESUME)).found, "config.yaml", VERSION)


@pytest.mark.slow
@pytest.mark.parametrize(
    "cut",
    ["--trainer.max_steps=1", *slow("--trainer.check_val_every_n_epoch=3")],
    ids=["steps", "epochs"],
)
def test_a_run_without_validation_prints_a_notice(project: Path, cut: str) -> None:
    outcome = fit(*MINE, cut)
    assert outcome.code == 0
    assert outcome.err.count("runs/mine/version_1/checkpoints") == 1
    assert "best.ckpt" not in outcome.err + outcome.out
    assert (VERSION.with_name("version_1") / "checkpoints" / "last.ckpt").is_file()


@pytest.mark.parametrize(
    ("option", "changes"),
    [
        ("--trainer.accumulate_grad_batches=2", [("trainer.accumulate_grad_batches", 1, 2)]),
        *slow(
            ("--early_stopping.patience=9", [("early_stopping.patience", 5, 9)]),
            ("--checkpoint.monitor=val/ner/f1", [("checkpoint.monitor", "val/mean", "val/ner/f1")]),
            ("--trainer.limit_test_batches=0.5", [("trainer.limit_test_batches", None, 0.5)]),
            ("--trainer.log_every_n_steps=1", []),
            ("--data.num_workers=1", []),
            ("--data.root=.", []),
        ),
    ],
)
def test_last_accepts_some_changed_settings_with_a_notice(
    project: Path, option: str, changes: Changes
) -> None:
    outcome = fit(*MINE, RESUME, "--trainer.max_epochs=2", option)
    assert outcome.code == 0, outcome.err
    assert_changed(outcome.err, LONGER, *changes)


@pytest.mark.slow
def test_changed_callbacks_are_named_by_their_options(project: Path) -> None:
    average = "--trainer.callbacks+=lightning.pytorch.callbacks.EMAWeightAveraging"
    options = [*MINE, "--trainer.max_epochs=2", average]
    assert fit(*options, "--trainer.callbacks.decay=0.9").code == 0
    outcome = fit(*options, "--trainer.callbacks.decay=0.8", RESUME)
    assert outcome.code == 0, outcome.err
    assert_changed(outcome.err, ("trainer.callbacks.0.init_args.decay", 0.9, 0.8))
    outcome = fit(*MINE, "--trainer.max_epochs=2", RESUME)
    kind = "trainer.callbacks.0.class_path: lightning.pytorch.callbacks.EMAWeightAveraging,"
    assert_names(outcome.err, kind)


@pytest.mark.slow
def test_a_final_temperature_fixes_the_number_of_epochs(project: Path) -> None:
    options = [*MINE, "--data.plan.final_temperature=3"]
    assert fit(*options, "--trainer.max_epochs=2").code == 0
    error = error_fields(fit(*options, "--trainer.max_epochs=3", RESUME))
    assert_changed(error.found, ("trainer.max_epochs", 2, 3))
    path = VERSION.with_name("version_1") / "checkpoints" / "last.ckpt"
    outcome = fit(*options, "--trainer.max_epochs=3", f"--ckpt_path={path}")
    assert_changed(outcome.err, ("trainer.max_epochs", 2, 3))
    assert steps(path) == 6


@pytest.mark.slow
def test_a_resumed_run_uses_a_changed_learning_rate(project: Path) -> None:
    before = weights(LAST)
    outcome = fit(f"--ckpt_path={LAST}", "--trainer.max_epochs=2", "--model.lr=0")
    assert outcome.code == 0, outcome.err
    assert steps(LAST) == 4
    assert all(torch.equal(before[name], value) for name, value in weights(LAST).items())


def weights(path: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = torch.load(path, weights_only=True)["state_dict"]
    return found


@pytest.mark.slow
def test_fewer_epochs_than_completed_are_refused(project: Path) -> None:
    assert fit(*MINE, RESUME, "--trainer.max_epochs=3").code == 0
    assert_names(error_fields(fit(*MINE, RESUME)).found, "max_epochs=1")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["moved", *slow("absolute", "from inside")])
def test_a_moved_run_keeps_its_best_checkpoint(
    project: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    config = (VERSION / "config.yaml").read_bytes()
    score, folder, options = scores(LAST), (project / VERSION).resolve(), [f"--data.root={project}"]
    if how == "moved":
        folder = Path(shutil.move(folder, project / "elsewhere" / "mine" / "version_7"))
    elif how == "from inside":
        monkeypatch.chdir(folder)
    inside = Path("checkpoints") / "last.ckpt"
    path = inside if how == "from inside" else folder / inside
    outcome = fit(f"--ckpt_path={path}", "--trainer.max_epochs=2", "--model.lr=0", *options)
    assert outcome.code == 0, outcome.err
    assert (steps(folder / inside), scores(folder / inside)) == (4, score)
    assert steps(folder / "checkpoints" / "best.ckpt") == 2  # with lr 0 no score improves
    assert_resumed(outcome, folder, 0, 2)
    assert (folder / "config.yaml").read_bytes() == config


def scores(path: Path) -> list[float]:
    """Returns the best scores in the callback states of a checkpoint."""
    states = torch.load(path, weights_only=True)["callbacks"]
    return [float(s["best_model_score"]) for n, s in states.items() if n.startswith("BestCheck")]


def test_a_changed_byte_in_a_checkpoint_is_detected(project: Path) -> None:
    content = bytearray(LAST.read_bytes())
    weight = (
        weights(LAST)["network.encoder.model.embeddings.word_embeddings.weight"].numpy().tobytes()
    )
    content[content.index(weight) + 5] ^= 1
    LAST.write_bytes(content)
    error = error_fields(fit(*MINE, RESUME, "--trainer.max_epochs=2"))
    assert error.location == str(LAST)
    assert re.search(r"/data/\d+$", error.found)  # the part of the file that is damaged
    assert_names(error.expected, BEST)


@pytest.mark.parametrize("command", ["validate", *slow("test")])
@pytest.mark.parametrize("config", [MINE, ()], ids=["config", "no config"])
def test_only_fit_accepts_last(project: Path, command: str, config: tuple[str, ...]) -> None:
    assert_names(error_fields(run(command, *config, RESUME)).found, RESUME, "fit")


@pytest.mark.slow
def test_the_best_checkpoint_starts_a_new_run(project: Path) -> None:
    before = {path: path.read_bytes() for path in (LAST, BEST)}
    outcome = fit(f"--ckpt_path={BEST}", "--trainer.max_epochs=2")
    assert outcome.code == 0, outcome.err
    assert versions() == ["version_0", "version_1"]
    new = VERSION.with_name("version_1")
    assert steps(new / "checkpoints" / "last.ckpt") == 4
    assert (new / "text" / "tokenizer.json").is_file()
    assert {path: path.read_bytes() for path in (LAST, BEST)} == before
    assert "version_" not in outcome.err  # no run is resumed
    config = (new / "config.yaml").read_text(encoding="utf-8")
    assert re.match(rf"# .*{re.escape(str(BEST))}\n", config)
    assert yaml.safe_load(config)["ckpt_path"] is None
    assert "saved: runs" not in config
    assert run("validate", "--config", new / "config.yaml").code == 2  # it names no checkpoint


def test_last_refuses_a_logger_with_other_folders(project: Path) -> None:
    logger = "--trainer.logger=lightning.pytorch.loggers.CSVLogger"
    outcome = fit(*MINE, RESUME, logger, "--trainer.logger.save_dir=elsewhere")
    error = error_fields(outcome)
    assert_names(error.rule, RESUME)
    assert_names(error.found, "trainer.logger")
    assert_names(error.expected, "last.ckpt")
    assert (versions(), Path("elsewhere").exists()) == (["version_0"], False)


@pytest.mark.slow
def test_a_path_is_resumed_with_any_logger(project: Path) -> None:
    logger: list[Any] = ["--trainer.logger=lightning.pytorch.loggers.CSVLogger"]
    logger += ["--trainer.logger.save_dir=elsewhere"]
    outcome = fit(f"--ckpt_path={LAST}", *logger, "--trainer.max_epochs=2")
    assert outcome.code == 0, outcome.err
    (path,) = Path("elsewhere").rglob("last.ckpt")
    assert steps(path) == 4
