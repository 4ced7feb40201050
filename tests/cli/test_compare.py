"""``compare``: runs that are reused, resumed, and put into tables."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from support.configurations import settings
from support.messages import assert_names, error_fields
from support.runs import run, write_yaml
from support.semeval import hotel_xml

pytestmark = pytest.mark.runs

COMMAND = ("compare", "mine.yaml", "--seeds=2", "--output=out", "--data.cache=cache")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    (folder / "train.xml").write_text(hotel_xml(2), encoding="utf-8")
    write_yaml(folder / "mine.yaml", settings())
    return folder


def state_lines(out: str) -> list[str]:
    """Returns the lines with the state of each run."""
    return [line for line in out.splitlines() if re.match(r"out/\S+/version_0  ", line)]


@pytest.mark.slow
def test_two_seeds_in_one_table(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    outcome = run(*COMMAND)
    assert outcome.code == 0, outcome.err
    states = [line.partition("  ")[2] for line in state_lines(outcome.out)]
    assert len(states) == 2
    scores = pd.read_csv("out/scores.csv", keep_default_na=False)
    assert list(scores.columns) == ["split", "metric", "majority", "linear", "mine"]
    rows = {row["metric"]: row for row in scores.to_dict("records")}
    assert rows["seeds"]["mine"] == "2"
    assert " ± " in rows["sentiment/macro_f1"]["mine"]
    for slot, same in (("slot1/f1", "category/micro_f1"), ("slot2/f1", "ner/span_f1")):
        assert rows[slot]["mine"] == rows[same]["mine"]
        assert rows[slot]["majority"] == rows[same]["majority"]
        assert rows[slot]["linear"] == rows[same]["linear"]
    assert rows["slot3/accuracy"]["mine"] == rows["sentiment/accuracy"]["mine"]
    text = Path("out/compare.md").read_text(encoding="utf-8")
    assert "| split | metric | majority | linear | mine |" in text
    assert list(pd.read_csv("out/recipe.csv")["model_name"]) == ["majority", "linear", "mine"]
    for seed in (0, 1):
        (report,) = Path("out").glob(f"mine-*/seed_{seed}/mine/version_0/report.md")
        assert "| metric | validation: majority | validation: linear | validation |" in (
            report.read_text(encoding="utf-8")
        )
    again = state_lines(run(*COMMAND).out)  # all runs are finished
    assert len(again) == 2
    assert not {line.partition("  ")[2] for line in again} & {*states}
    assert Path("out/compare.md").read_text(encoding="utf-8") == text


@pytest.mark.slow
def test_finished_runs_of_other_data_raise(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    before = Path("train.xml").read_text(encoding="utf-8")
    Path("train.xml").write_text(before.replace("neutral", "negative"), encoding="utf-8")
    linear = run(*COMMAND)
    (folder,) = Path("out").glob("mine-*/linear")
    shutil.rmtree(folder)  # so that it is trained on the other data
    mine = run(*COMMAND)
    shutil.rmtree(folder)
    Path("train.xml").write_text(before, encoding="utf-8")
    for outcome, system in ((linear, "linear"), (mine, "mine")):
        error = error_fields(outcome)
        assert error.found.startswith(f"{system}, seed 0:")
        assert re.search(r"\bout\b", error.expected)
        assert_names(error.expected, "--output")


def test_other_tasks_raise_before_training(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    value = settings()
    del value["data"]["tasks"]["category"]
    write_yaml(Path("less.yaml"), value)
    outcome = run("compare", "mine.yaml", "less.yaml", "--output=none")
    error = error_fields(outcome)
    assert error.found.startswith("less.yaml: ")
    assert "category" not in error.found
    assert_names(error.expected, "mine.yaml", "category")
    assert not Path("none").exists()


def test_help_lists_options(capsys: pytest.CaptureFixture[str]) -> None:
    from arabic_mtl.cli import main

    with pytest.raises(SystemExit) as stop:
        main(["compare", "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert_names(out, "--seeds", "--single-task", "--data.root")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["absent.yaml"], ["absent.yaml"]),
        (["mine.yaml", "a/mine.yaml"], ["mine.yaml, a/mine.yaml"]),
        (["mine.yaml", "--seeds=0"], ["--seeds", "0", "1"]),
        ([], ["CONFIG", "arabic-mtl compare --help"]),
    ],
)
def test_mistakes_raise(
    place: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], parts: list[str]
) -> None:
    monkeypatch.chdir(place)
    Path("a").mkdir(exist_ok=True)
    write_yaml(Path("a") / "mine.yaml", settings())
    outcome = run("compare", *words)
    error_fields(outcome)
    assert outcome.err.startswith("error\n")
    assert_names(outcome.err, *parts)
