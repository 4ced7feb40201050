"""The entry point: help, exit codes, options, scores after reloading, precision, processes."""

from __future__ import annotations

import re
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor

from arabic_mtl.cli.checkpoint import complete_from_run
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.main import COMMANDS
from arabic_mtl.evaluation import read_predictions
from arabic_mtl.evaluation.record import read_record
from arabic_mtl.training import MultiTaskModule
from support.cases import slow
from support.configurations import settings
from support.paths import ROOT
from support.processes import process
from support.runs import SHRUNK, TINY_WORDS, Run, folder_options, run, write_yaml
from support.semeval import hotel_xml

pytestmark = pytest.mark.runs

QUICKSTART = str(ROOT / "configs" / "quickstart.yaml")


def test_help_names_every_command_and_imports_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['train.py', '--help']; from arabic_mtl.cli import main\n"
        "code = main()\n"
        "heavy = {'torch', 'lightning', 'transformers', 'datasets', 'pandas'} & set(sys.modules)\n"
        "print('HEAVY', sorted(heavy), 'CODE', code)"
    )
    done = process(["-c", code], tmp_path, 60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("HEAVY [] CODE 0\n")
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\w+ ", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_exits_without_error(word: str) -> None:
    outcome = run(word)
    assert (outcome.code, outcome.err) == (0, "")
    assert "  arabic-mtl fit " in outcome.out


def test_no_arguments_print_help_and_exit_with_an_error() -> None:
    outcome = run()
    assert outcome.code == 2
    assert "  arabic-mtl fit " in outcome.out


@pytest.mark.parametrize("words", [["fitt"], ["--fit"], ["tune", "--config=a.yaml"]])
def test_unknown_commands_are_refused(words: list[str]) -> None:
    outcome = run(*words)
    assert outcome.code == 2
    assert outcome.err.startswith("error")
    assert words[0] in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("command", ["fit", "predict", "describe"])
def test_help_of_a_command_explains_the_options(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        run(command, "--help")
    assert stop.value.code == 0
    capsys.readouterr()


OVERRIDES: list[tuple[str, list[str], Any]] = [
    ("--data.tasks.ner.weight=2", ["data", "tasks", "ner", "init_args", "weight"], 2.0),
    ("--data.tasks.ner.init_args.weight=3", ["data", "tasks", "ner", "init_args", "weight"], 3.0),
    (
        "--data.tasks.category.threshold=0.2",
        ["data", "tasks", "category", "init_args", "threshold"],
        0.2,
    ),
    ("--data.text.vocab_size=77", ["data", "text", "vocab_size"], 77),
    ("--data.text.stemming=snowball", ["data", "text", "stemming"], "snowball"),
    ("--data.plan.batch_size=5", ["data", "plan", "batch_size"], 5),
    (
        "--data.corpora.reviews.train=a.xml",
        ["data", "corpora", "reviews", "init_args", "train"],
        "a.xml",
    ),
    ("--data.root=elsewhere", ["data", "root"], "elsewhere"),
    ("--model.lr=0.25", ["model", "lr"], 0.25),
    ("--model.encoder.hidden=32", ["model", "encoder", "init_args", "hidden"], 32),
    ("--trainer.max_epochs=9", ["trainer", "max_epochs"], 9),
    ("--trainer.precision=bf16-mixed", ["trainer", "precision"], "bf16-mixed"),
    ("--seed_everything=5", ["seed_everything"], 5),
    ("--checkpoint.monitor=val/ner/f1", ["checkpoint", "monitor"], "val/ner/f1"),
    ("--early_stopping.patience=2", ["early_stopping", "patience"], 2),
]


@pytest.mark.parametrize(
    ("option", "keys", "value"),
    [*OVERRIDES[:2], *slow(*OVERRIDES[2:])],
    ids=[o for o, _, _ in OVERRIDES],
)
def test_every_key_is_an_option(
    option: str, keys: list[str], value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    from arabic_mtl.cli import main

    with pytest.raises(SystemExit) as stop:
        main(["fit", "--config", QUICKSTART, option, "--print_config"])
    assert stop.value.code == 0
    printed = yaml.safe_load(capsys.readouterr().out)
    for key in keys:
        printed = printed[key]
    assert printed == value


@pytest.mark.slow
def test_a_whole_number_limits_batches_and_not_shares(tmp_path: Path) -> None:
    # In another process, because `typing` caches one union for both orders of `int | float`: the
    # first import decides which type is tried first.
    limit = "--trainer.limit_test_batches=1"
    words = ["-m", "arabic_mtl", "fit", "--config", QUICKSTART, limit, "--print_config"]
    printed = yaml.safe_load(process(words, tmp_path, 60).stdout)
    assert repr(printed["trainer"]["limit_test_batches"]) == "1"


@pytest.mark.slow
def test_progress_bar_can_be_switched_off(project: Path) -> None:
    (project / "train.xml").write_text(hotel_xml(1), encoding="utf-8")
    config = write_yaml(project / "config.yaml", settings())
    off = "--trainer.enable_progress_bar=false"
    outcome = run("fit", "--config", config, *folder_options(project), *SHRUNK, off)
    assert outcome.code == 0
    assert "Epoch" not in outcome.out


def cells(table: str) -> dict[str, list[str]]:
    """Returns the rows of a report: "task/metric" to the scores in its columns."""
    rows = [line.strip("│").split("│") for line in table.splitlines() if line.startswith("│")]
    parts = [[cell.strip() for cell in row] for row in rows]
    return {f"{task}/{metric}": figures for task, metric, *figures in parts}


@pytest.mark.parametrize(("command", "column"), [("validate", 1), ("test", 3)])
def test_a_reloaded_checkpoint_has_the_scores_of_the_report(
    project: Path, trained: Run, command: str, column: int
) -> None:
    report = {key: row[column] for key, row in cells(trained.outcome.out).items()}
    assert len(report) == 8
    assert len(set(report.values())) > 4  # so that equality means something
    assert float(report["sentiment/macro_f1"]) > 5
    outcome = run(command, f"--ckpt_path={trained.best}")
    assert outcome.code == 0, outcome.err
    assert {key: row[0] for key, row in cells(outcome.out).items()} == report
    assert list(project.iterdir()) == []


def test_a_reloaded_checkpoint_has_exactly_the_logged_scores(project: Path, trained: Run) -> None:
    logged = events(trained.folder)
    arguments = complete_from_run(["validate", "--ckpt_path", str(trained.best)])
    values = Commands([*arguments, *folder_options(project)]).trainer.callback_metrics
    assert len(values) >= 10
    best = max(logged["val/mean"])
    assert float(values["val/mean"]) == pytest.approx(best, abs=1e-7)
    for name, value in values.items():
        assert float(value) in [pytest.approx(v, abs=1e-6) for v in logged[name]]


def events(folder: Path) -> dict[str, list[float]]:
    """Returns the scalars that TensorBoard shows: name to values, in the order of writing."""
    accumulator = EventAccumulator(str(folder)).Reload()
    names = accumulator.Tags()["scalars"]
    return {name: [event.value for event in accumulator.Scalars(name)] for name in names}


def small_run(project: Path, *options: str) -> Path:
    """Trains on a file whose words determine the labels; returns the run folder."""
    (project / "train.xml").write_text(hotel_xml(4), encoding="utf-8")
    config = write_yaml(project / "config.yaml", settings())
    outcome = run("fit", "--config", config, *folder_options(project), *options)
    assert outcome.code == 0, outcome.err
    return project / "runs" / "config" / "version_0"


@pytest.mark.slow
def test_bf16_trains_on_a_cpu(project: Path) -> None:
    options = ["--trainer.precision=bf16-mixed", "--model.lr=1e-2", "--model.warmup=0"]
    often = ["--trainer.log_every_n_steps=1", "--trainer.max_epochs=6"]
    folder = small_run(project, *options, *often, "--early_stopping.patience=99")
    losses = events(folder)["train/loss"]
    assert len(losses) >= 20
    assert sum(losses[-4:]) / 4 < 0.6 * sum(losses[:4]) / 4
    state = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    assert {value.dtype for name, value in state.items() if "weight" in name} == {torch.float32}


@pytest.mark.slow
def test_early_stopping_and_best_checkpoint_follow_the_validation_mean(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    means = chain([0.2, 0.7, 0.4, 0.6], repeat(0.5))

    def log_mean(module: MultiTaskModule) -> None:
        module.log("val/mean", torch.tensor(next(means)))

    monkeypatch.setattr(MultiTaskModule, "on_validation_epoch_end", log_mean)
    options = ["--trainer.max_epochs=9", "--early_stopping.patience=2"]
    folder = small_run(project, *options, "--trainer.num_sanity_val_steps=0") / "checkpoints"
    best, last = (
        torch.load(folder / f"{name}.ckpt", weights_only=True) for name in ("best", "last")
    )
    assert best["epoch"] == 1
    assert last["epoch"] == 3
    monitored = [name for name in best["callbacks"] if "'monitor': 'val/mean'" in name]
    scores = [
        state["best_model_score"]
        for name, state in best["callbacks"].items()
        if name in monitored and "BestCheckpoint" in name
    ]
    assert [float(score) for score in scores] == [pytest.approx(0.7)]
    assert sorted(path.name for path in folder.iterdir()) == ["best.ckpt", "last.ckpt"]


@pytest.mark.slow
def test_each_task_option_keeps_a_best_checkpoint_per_task(project: Path) -> None:
    folder = small_run(project, "--checkpoint.each_task=true") / "checkpoints"
    tasks = [f"best-{task}.ckpt" for task in ("category", "ner", "sentiment")]
    assert sorted(path.name for path in folder.iterdir()) == [*tasks, "best.ckpt", "last.ckpt"]
    assert run("validate", f"--ckpt_path={folder / 'best-ner.ckpt'}").code == 0


def test_a_run_writes_scores_predictions_and_a_report(trained: Run) -> None:
    record = read_record(trained.folder)
    printed = cells(trained.outcome.out)
    assert (record.system, record.seed) == ("quickstart", 0)
    for column, split in ((1, "validation"), (3, "test")):
        answers = list(read_predictions(trained.folder / f"answers-{split}.jsonl"))
        assert len(answers) == record.data["reviews"][split]["texts"]
        assert set(answers[0].gold) == {"sentiment", "ner", "category"}
        scores = record.scores[split]
        for name in ("sentiment/macro_f1", "ner/f1", "category/micro_f1"):
            assert f"{100 * scores[name]:.1f}" == printed[name][column]
        assert scores["slot1/f1"] == pytest.approx(scores["category/micro_f1"], abs=1e-6)
        assert scores["slot2/f1"] == pytest.approx(scores["ner/span_f1"], abs=1e-6)
        assert scores["slot3/accuracy"] == pytest.approx(scores["sentiment/accuracy"], abs=1e-6)
    best = torch.load(trained.best, weights_only=True)
    assert record.best["step"] == best["global_step"]
    assert record.best["why"] in trained.outcome.out
    assert re.search(r"\b2 epochs, 50 optimizer steps\b", record.best["why"])
    text = (trained.folder / "report.md").read_text(encoding="utf-8")
    assert text.startswith("# quickstart, seed 0\n")
    assert f"| {100 * record.scores['test']['ner/f1']:.1f} |" in text


def test_the_same_seed_gives_the_same_weights(project: Path) -> None:
    first, second = project / "a", project / "b"
    weights: list[dict[str, Tensor]] = []
    for folder in (first, second):
        folder.mkdir()
        run_folder = small_run(folder, f"--data.root={folder}")
        path = run_folder / "checkpoints" / "last.ckpt"
        weights.append(torch.load(path, weights_only=True)["state_dict"])
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Runs the quickstart in two processes; returns its folder and its output."""
    folder = tmp_path_factory.mktemp("twice")
    options = ["--trainer.devices=2", "--trainer.strategy=ddp", *TINY_WORDS, *SHRUNK]
    words = ["fit", "--config", QUICKSTART, *options, *folder_options(folder)]
    root = f"--data.root={ROOT / 'arabic_mtl' / 'sample'}"
    done = process([str(ROOT / "train.py"), *words, root], folder, 180)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder, done.stdout


@pytest.mark.slow
def test_two_processes_print_one_report(twice: tuple[Path, str]) -> None:
    folder, out = twice
    assert len(re.findall(r"^checkpoint +\S+/best\.ckpt$", out, re.MULTILINE)) == 1
    assert len(re.findall(r"│ +ner +│ +f1 +│", out)) == 1
    assert [path.name for path in (folder / "runs" / "quickstart").iterdir()] == ["version_0"]
    best = folder / "runs" / "quickstart" / "version_0" / "checkpoints" / "best.ckpt"
    assert torch.load(best, weights_only=True)["global_step"] == 2
