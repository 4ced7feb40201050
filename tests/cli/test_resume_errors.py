"""What ``--ckpt_path`` of ``fit`` goes on from, what it says of it, and what it refuses."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from support.cases import slow
from support.configurations import settings
from support.paths import files_under
from support.runs import Outcome, run, write_yaml
from support.semeval import hotel_xml

pytestmark = pytest.mark.runs

VERSION = Path("runs") / "mine" / "version_0"
CHECKPOINTS = VERSION / "checkpoints"
LAST, BEST = CHECKPOINTS / "last.ckpt", CHECKPOINTS / "best.ckpt"
GO_ON = "--ckpt_path=last"
MEND = "rule:     a checkpoint holds tensors and plain values, and is complete"


def fit(*options: object) -> Outcome:
    """Trains in the current folder, two batches per epoch."""
    places = ["--data.cache=cache", "--trainer.default_root_dir=runs"]
    quiet = ["--trainer.enable_progress_bar=false", "--data.plan.batch_size=8"]
    few = ["--trainer.limit_train_batches=2", "--trainer.limit_val_batches=2"]
    return run("fit", *options, *places, *quiet, *few)


MINE = ("--config", "mine.yaml")


LONGER = "not as it began: trainer.max_epochs: 1, now 2"


def told(outcome: Outcome) -> list[str]:
    """Which settings changed."""
    return [line for line in outcome.err.splitlines() if line.startswith("not as it began")]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of one epoch."""
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
    """A copy of it, to work in."""
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
    "given", [[*MINE, GO_ON], *slow([f"--ckpt_path={LAST}"])], ids=["last", "path"]
)
def test_a_damaged_checkpoint_is_named_with_the_last_good_one(
    project: Path, given: list[str]
) -> None:
    truncate(LAST)
    before = files_under(project)
    outcome = fit(*given, "--trainer.max_epochs=2")
    assert outcome.code == 2
    assert MEND in outcome.err
    assert f"at:       {LAST}" in outcome.err
    assert f"expected: the last good one beside it: {BEST}" in outcome.err
    assert "Traceback" not in outcome.err
    assert files_under(project) == before


def test_the_newest_of_the_good_ones_is_named(project: Path) -> None:
    for number, name in enumerate(("newer.ckpt", "older.ckpt", "damaged.ckpt")):
        shutil.copy(BEST, CHECKPOINTS / name)
        time = 2_000_000_000 - 100 * number
        os.utime(CHECKPOINTS / name, (time, time))
    truncate(CHECKPOINTS / "newer.ckpt")
    (CHECKPOINTS / "damaged.ckpt").write_bytes(b"")
    os.utime(CHECKPOINTS / "damaged.ckpt", (2_100_000_000, 2_100_000_000))
    truncate(LAST)
    outcome = fit(*MINE, GO_ON)
    assert f"the last good one beside it: {CHECKPOINTS / 'older.ckpt'}\n" in outcome.err


@pytest.mark.parametrize("size", ["half", *slow("nothing")])
def test_none_is_named_where_none_is_good(project: Path, size: str) -> None:
    for path in (LAST, BEST):
        os.truncate(path, path.stat().st_size // 2 if size == "half" else 0)
    outcome = fit(*MINE, GO_ON)
    assert outcome.code == 2
    assert MEND in outcome.err
    assert f"at:       {LAST}" in outcome.err
    assert "expected: a checkpoint written by `train.py fit`" in outcome.err
    assert str(BEST) not in outcome.err


@pytest.mark.slow
def test_the_good_one_that_is_named_can_be_used(project: Path) -> None:
    truncate(LAST)
    outcome = fit(f"--ckpt_path={BEST}", "--trainer.max_epochs=2")
    assert outcome.code == 0, outcome.err
    assert steps(VERSION.with_name("version_1") / "checkpoints" / "last.ckpt") == 4


@pytest.mark.slow
def test_a_first_run_is_started_where_there_is_none_to_go_on_with(project: Path) -> None:
    shutil.rmtree("runs")
    outcome = fit(*MINE, GO_ON)
    assert outcome.code == 0, outcome.err
    assert (versions(), steps(LAST)) == (["version_0"], 2)
    assert "no run in runs/mine to go on with: a new one begins\n" in outcome.err
    assert "going on" not in outcome.err
    assert "broken off" not in outcome.err


def test_a_run_without_a_checkpoint_begins_anew_in_its_folder(project: Path) -> None:
    shutil.rmtree(CHECKPOINTS)
    outcome = fit(*MINE, GO_ON, "--trainer.max_epochs=2")
    assert outcome.code == 0, outcome.err
    assert (versions(), steps(LAST)) == (["version_0"], 4)
    assert f"{VERSION} was broken off before its first checkpoint: it begins anew" in outcome.err
    assert "not as it began" not in outcome.err


@pytest.mark.slow
def test_the_newest_run_goes_on(project: Path) -> None:
    for number in (2, 10):
        shutil.copytree(VERSION, VERSION.with_name(f"version_{number}"))
    outcome = fit(*MINE, GO_ON, "--trainer.max_epochs=2")
    assert outcome.code == 0, outcome.err
    assert "going on with runs/mine/version_10 after epoch 0, step 2" in outcome.err
    assert versions() == ["version_0", "version_10", "version_2"]
    newest = VERSION.with_name("version_10") / "checkpoints" / "last.ckpt"
    assert (steps(newest), steps(LAST)) == (4, 2)


@pytest.mark.parametrize(
    "given", [[*MINE, GO_ON], *slow([f"--ckpt_path={LAST}"])], ids=["last", "path"]
)
def test_a_run_goes_on_in_its_own_folder(project: Path, given: list[str]) -> None:
    outcome = fit(*given, "--trainer.max_epochs=2")
    assert outcome.code == 0, outcome.err
    assert (versions(), steps(LAST)) == (["version_0"], 4)
    assert f"going on with {VERSION} after epoch 0, step 2" in outcome.err
    assert told(outcome) == [LONGER]


def test_a_finished_run_is_only_scored_again(project: Path) -> None:
    before = {path: path.read_bytes() for path in (LAST, BEST)}
    outcome = fit(*MINE, GO_ON)
    assert outcome.code == 0, outcome.err
    assert "Best checkpoint beside the majority baseline" in outcome.out
    assert {path: path.read_bytes() for path in (LAST, BEST)} == before


CHANGES = [
    ("--model.lr=0.25", "model.lr: 0.001, now 0.25"),
    ("--seed_everything=5", "seed_everything: 0, now 5"),
    ("--data.tasks.ner.weight=2", "data.tasks.ner.init_args.weight: 1.0, now 2.0"),
    ("--data.plan.pool=1", "data.plan.pool: 16, now 1"),
    (
        "--data.plan.shares={reviews: 1.0}",
        "data.plan.shares.reviews: nothing, now 1.0",
    ),
]
SAVED = [
    ("--data.text.stemming=snowball", "data.text.stemming: none, now snowball"),
    (
        "--model.encoder.init_args.config.num_attention_heads=1",
        "model.encoder.init_args.config.num_attention_heads: 2, now 1",
    ),
    (
        "--model.encoder.init_args.config.hidden_dropout_prob=0.5",
        "model.encoder.init_args.config.hidden_dropout_prob: nothing, now 0.5",
    ),
]


@pytest.mark.parametrize(
    ("option", "said"), [CHANGES[0], *slow(*CHANGES[1:]), SAVED[0], *slow(*SAVED[1:])]
)
def test_another_run_is_not_made_of_the_newest(project: Path, option: str, said: str) -> None:
    before = files_under(project)
    outcome = fit(*MINE, GO_ON, "--trainer.max_epochs=2", option)
    assert outcome.code == 2
    assert "rule:     --ckpt_path=last goes on with the newest run as it began" in outcome.err
    assert f"found:    {said}\n" in outcome.err
    assert f"or --ckpt_path={LAST}, to go on all the same" in outcome.err
    assert files_under(project) == before


@pytest.mark.parametrize(("option", "said"), [CHANGES[0], *slow(*CHANGES[1:])])
def test_by_its_path_a_run_goes_on_with_other_settings_and_is_told_so(
    project: Path, option: str, said: str
) -> None:
    outcome = fit(*MINE, f"--ckpt_path={LAST}", "--trainer.max_epochs=2", option)
    assert outcome.code == 0, outcome.err
    assert told(outcome) == sorted([LONGER, *(f"not as it began: {s}" for s in said.split("; "))])


@pytest.mark.parametrize(("option", "said"), [SAVED[0], *slow(*SAVED[1:])])
def test_a_run_keeps_the_encoder_and_the_text_pipeline_that_it_has_saved(
    project: Path, option: str, said: str
) -> None:
    before = files_under(project)
    outcome = fit(*MINE, f"--ckpt_path={LAST}", "--trainer.max_epochs=2", option)
    assert outcome.code == 2
    assert "the text pipeline and the encoder that it has saved" in outcome.err
    assert f"found:    {said}\n" in outcome.err
    assert files_under(project) == before


@pytest.mark.parametrize(
    "given", [[*MINE, GO_ON], *slow([f"--ckpt_path={LAST}"])], ids=["last", "path"]
)
def test_a_run_does_not_go_on_in_other_texts(project: Path, given: list[str]) -> None:
    before = LAST.read_bytes()
    (project / "train.xml").write_text(hotel_xml(3), encoding="utf-8")
    outcome = fit(*given, "--trainer.max_epochs=2")
    assert outcome.code == 2
    assert "a run goes on with the texts that it began with" in outcome.err
    assert LAST.read_bytes() == before


def test_a_folder_that_does_not_say_what_it_began_with_is_told(project: Path) -> None:
    (VERSION / "config.yaml").unlink()
    outcome = fit(*MINE, GO_ON)
    assert outcome.code == 2
    assert f"no config.yaml in {VERSION}, which is the newest" in outcome.err


@pytest.mark.slow
@pytest.mark.parametrize(
    "cut",
    ["--trainer.max_steps=1", *slow("--trainer.check_val_every_n_epoch=3")],
    ids=["steps", "epochs"],
)
def test_a_run_without_validation_says_so(project: Path, cut: str) -> None:
    outcome = fit(*MINE, cut)
    assert outcome.code == 0
    assert "no validation was made, so there is no best checkpoint" in outcome.err
    assert "runs/mine/version_1/checkpoints" in outcome.err
    assert (VERSION.with_name("version_1") / "checkpoints" / "last.ckpt").is_file()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--trainer.accumulate_grad_batches=2", ["trainer.accumulate_grad_batches: 1, now 2"]),
        *slow(
            ("--early_stopping.patience=9", ["early_stopping.patience: 5, now 9"]),
            ("--checkpoint.monitor=val/ner/f1", ["checkpoint.monitor: val/mean, now val/ner/f1"]),
            ("--trainer.limit_test_batches=1", ["trainer.limit_test_batches: None, now 1"]),
            ("--trainer.log_every_n_steps=1", []),
            ("--data.num_workers=1", []),
            ("--data.root=.", []),
        ),
    ],
)
def test_the_newest_run_may_lead_elsewhere_and_that_is_told(
    project: Path, option: str, said: list[str]
) -> None:
    outcome = fit(*MINE, GO_ON, "--trainer.max_epochs=2", option)
    assert outcome.code == 0, outcome.err
    assert told(outcome) == sorted([LONGER, *(f"not as it began: {change}" for change in said)])


@pytest.mark.slow
def test_other_callbacks_are_told_of_by_their_options(project: Path) -> None:
    average = "--trainer.callbacks+=lightning.pytorch.callbacks.EMAWeightAveraging"
    options = [*MINE, "--trainer.max_epochs=2", average]
    assert fit(*options, "--trainer.callbacks.decay=0.9").code == 0
    outcome = fit(*options, "--trainer.callbacks.decay=0.8", GO_ON)
    assert outcome.code == 0, outcome.err
    assert told(outcome) == ["not as it began: trainer.callbacks.0.init_args.decay: 0.9, now 0.8"]
    outcome = fit(*MINE, "--trainer.max_epochs=2", GO_ON)
    kind = "trainer.callbacks.0.class_path: lightning.pytorch.callbacks.EMAWeightAveraging"
    assert f"not as it began: {kind}, now nothing" in told(outcome)


@pytest.mark.slow
def test_a_temperature_that_changes_by_epochs_keeps_their_number(project: Path) -> None:
    options = [*MINE, "--data.plan.final_temperature=3"]
    assert fit(*options, "--trainer.max_epochs=2").code == 0
    outcome = fit(*options, "--trainer.max_epochs=3", GO_ON)
    assert outcome.code == 2
    assert "found:    trainer.max_epochs: 2, now 3\n" in outcome.err
    path = VERSION.with_name("version_1") / "checkpoints" / "last.ckpt"
    outcome = fit(*options, "--trainer.max_epochs=3", f"--ckpt_path={path}")
    assert told(outcome) == ["not as it began: trainer.max_epochs: 2, now 3"]
    assert steps(path) == 6


@pytest.mark.slow
def test_a_run_learns_at_the_rate_that_it_is_given_when_it_goes_on(project: Path) -> None:
    before = weights(LAST)
    outcome = fit(f"--ckpt_path={LAST}", "--trainer.max_epochs=2", "--model.lr=0")
    assert outcome.code == 0, outcome.err
    assert steps(LAST) == 4
    assert all(torch.equal(before[name], value) for name, value in weights(LAST).items())


def weights(path: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = torch.load(path, weights_only=True)["state_dict"]
    return found


@pytest.mark.slow
def test_fewer_epochs_than_are_done_are_told(project: Path) -> None:
    assert fit(*MINE, GO_ON, "--trainer.max_epochs=3").code == 0
    outcome = fit(*MINE, GO_ON)
    assert outcome.code == 2
    assert "the trainer's options fit each other" in outcome.err
    assert "max_epochs=1" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("how", ["moved", *slow("absolute", "from inside")])
def test_a_run_keeps_its_best_where_its_folder_has_another_name(
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
    assert steps(folder / "checkpoints" / "best.ckpt") == 2  # with lr 0 nothing gets better
    assert f"going on with {folder} after epoch 0, step 2" in outcome.err
    assert (folder / "config.yaml").read_bytes() == config


def scores(path: Path) -> list[float]:
    """The best score that a checkpoint remembers."""
    states = torch.load(path, weights_only=True)["callbacks"]
    return [float(s["best_model_score"]) for n, s in states.items() if n.startswith("BestCheck")]


def test_damage_within_a_checkpoint_is_seen(project: Path) -> None:
    content = bytearray(LAST.read_bytes())
    weight = weights(LAST)["encoder.model.embeddings.word_embeddings.weight"].numpy().tobytes()
    content[content.index(weight) + 5] ^= 1
    LAST.write_bytes(content)
    outcome = fit(*MINE, GO_ON, "--trainer.max_epochs=2")
    assert outcome.code == 2
    assert MEND in outcome.err
    assert "found:    other bytes than were written, in " in outcome.err
    assert f"expected: the last good one beside it: {BEST}" in outcome.err


@pytest.mark.parametrize("command", ["validate", *slow("test")])
@pytest.mark.parametrize("config", [MINE, ()], ids=["config", "no config"])
def test_last_is_for_fit(project: Path, command: str, config: tuple[str, ...]) -> None:
    outcome = run(command, *config, GO_ON)
    assert outcome.code == 2
    assert "found:    --ckpt_path=last, by which only fit goes on" in outcome.err


def test_the_best_checkpoint_begins_a_run_of_its_own(project: Path) -> None:
    before = {path: path.read_bytes() for path in (LAST, BEST)}
    outcome = fit(f"--ckpt_path={BEST}", "--trainer.max_epochs=2")
    assert outcome.code == 0, outcome.err
    assert versions() == ["version_0", "version_1"]
    new = VERSION.with_name("version_1")
    assert steps(new / "checkpoints" / "last.ckpt") == 4
    assert (new / "text" / "tokenizer.json").is_file()
    assert {path: path.read_bytes() for path in (LAST, BEST)} == before
    assert "going on" not in outcome.err
    config = (new / "config.yaml").read_text(encoding="utf-8")
    assert config.startswith(f"# begun from {BEST}\n")
    assert yaml.safe_load(config)["ckpt_path"] is None
    assert "saved: runs" not in config
    assert run("validate", "--config", new / "config.yaml").code == 2  # it names no checkpoint


def test_a_logger_with_folders_of_its_own_is_refused(project: Path) -> None:
    logger = "--trainer.logger=lightning.pytorch.loggers.CSVLogger"
    outcome = fit(*MINE, GO_ON, logger, "--trainer.logger.save_dir=elsewhere")
    assert outcome.code == 2
    assert "found:    a trainer.logger, which has folders of its own" in outcome.err
    assert "expected: the path of the run's last.ckpt" in outcome.err
    assert (versions(), Path("elsewhere").exists()) == (["version_0"], False)


@pytest.mark.slow
def test_with_a_logger_of_its_own_the_path_goes_on(project: Path) -> None:
    logger: list[Any] = ["--trainer.logger=lightning.pytorch.loggers.CSVLogger"]
    logger += ["--trainer.logger.save_dir=elsewhere"]
    outcome = fit(f"--ckpt_path={LAST}", *logger, "--trainer.max_epochs=2")
    assert outcome.code == 0, outcome.err
    (path,) = Path("elsewhere").rglob("last.ckpt")
    assert steps(path) == 4
