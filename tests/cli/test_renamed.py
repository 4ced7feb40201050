"""Renamed configuration keys: old names work with one warning, in files and on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from arabic_mtl.cli import renamed
from arabic_mtl.cli.jobs import single_task_configs
from arabic_mtl.cli.run_config import trusted_config
from support.configurations import CATEGORIES, settings
from support.messages import assert_names, error_fields
from support.runs import run, write_yaml

pytestmark = pytest.mark.runs

OLD = {"layer": "aspect", "labels": CATEGORIES, "found_by": "category"}
NEW = {"layer": "aspect", "labels": CATEGORIES, "predicted_by": "category"}
GIVEN = (
    "warning: the key data.tasks.TASK.given has been renamed to condition; "
    "arabic_mtl 0.3 will refuse the old name\n"
)
FOUND_BY = (
    "warning: the key data.tasks.TASK.condition.found_by has been renamed to predicted_by; "
    "arabic_mtl 0.3 will refuse the old name\n"
)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Forgets the warnings of other tests: each is printed once per process."""
    renamed._warn.cache_clear()
    yield
    renamed._warn.cache_clear()


def with_task(**options: Any) -> dict[str, Any]:
    """Returns a configuration, with options of the task ``sentiment``."""
    values = settings()
    values["data"]["tasks"]["sentiment"]["init_args"] |= options
    return values


def printed(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[dict[str, Any], str]:
    """Returns the arguments of ``sentiment`` as ``fit --print_config`` has them, and warnings."""
    from arabic_mtl.cli import main

    with pytest.raises(SystemExit) as stop:
        main(["fit", *map(str, words), "--print_config"])
    assert stop.value.code == 0
    captured = capsys.readouterr()
    options: dict[str, Any] = yaml.safe_load(captured.out)["data"]["tasks"]["sentiment"]
    return options["init_args"], captured.err


@pytest.mark.parametrize(
    ("options", "warnings"),
    [
        ({"given": OLD}, GIVEN + FOUND_BY),
        ({"given": NEW}, GIVEN),
        ({"condition": OLD}, FOUND_BY),
        ({"condition": NEW}, ""),
    ],
    ids=["both old", "old key", "old argument", "new"],
)
def test_old_keys_of_a_file_work_and_warn_once(
    project: Path, capsys: pytest.CaptureFixture[str], options: dict[str, Any], warnings: str
) -> None:
    config = write_yaml(project / "mine.yaml", with_task(**options))
    found, err = printed(capsys, "--config", config)
    assert (found["condition"], err) == (NEW, warnings)
    assert "given" not in found
    assert printed(capsys, "--config", config) == (found, "")  # warned already


def test_old_keys_of_a_data_file_work(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = with_task(given=OLD)
    write_yaml(project / "data.yaml", values.pop("data"))
    (project / "configs").mkdir()
    config = write_yaml(project / "configs" / "a.yaml", values | {"data": "../data.yaml"})
    found, err = printed(capsys, "--config", config)
    assert (found["condition"], err) == (NEW, GIVEN + FOUND_BY)
    rest = write_yaml(project / "rest.yaml", values)
    assert printed(capsys, "--config", rest, "--data=data.yaml")[0]["condition"] == NEW


LABELS = "[ROOMS#GENERAL]"
ASPECT = {"layer": "aspect", "labels": ["ROOMS#GENERAL"], "predicted_by": "category"}
OPTIONS = {
    "keys": [
        "--data.tasks.sentiment.given.layer=aspect",
        f"--data.tasks.sentiment.given.labels={LABELS}",
        *("--data.tasks.sentiment.given.found_by", "category"),
    ],
    "keys with init_args": [
        "--data.tasks.sentiment.init_args.given.layer=aspect",
        f"--data.tasks.sentiment.init_args.given.labels={LABELS}",
        "--data.tasks.sentiment.init_args.given.found_by=category",
    ],
    "a mapping": [
        f"--data.tasks.sentiment.given={{layer: aspect, labels: {LABELS}, found_by: category}}"
    ],
    "a mapping in another word": [
        "--data.tasks.sentiment.condition",
        f"{{layer: aspect, labels: {LABELS}, found_by: category}}",
    ],
}


@pytest.mark.parametrize("words", OPTIONS.values(), ids=OPTIONS)
def test_old_keys_on_the_command_line_work(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    config = write_yaml(project / "mine.yaml", settings())
    found, err = printed(capsys, "--config", config, *words)
    assert found["condition"] == ASPECT
    assert err == ("" if "condition" in words[0] else GIVEN) + FOUND_BY


def test_an_option_overrides_an_old_key_of_a_file(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_yaml(project / "mine.yaml", with_task(given=OLD))
    option = "--data.tasks.sentiment.condition.predicted_by=null"
    found, _ = printed(capsys, "--config", config, option)
    assert found["condition"] == NEW | {"predicted_by": None}


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"given": OLD, "condition": NEW}, "data.tasks.sentiment.init_args.given"),
        (
            {"condition": OLD | NEW},
            "data.tasks.sentiment.init_args.condition.found_by",
        ),
    ],
)
def test_both_names_in_a_file_are_refused(project: Path, options: dict[str, Any], key: str) -> None:
    config = write_yaml(project / "mine.yaml", with_task(**options))
    error = error_fields(run("fit", "--config", config))
    assert error.rule == "a renamed key must be given under one name"
    assert error.location == str(config)
    assert_names(error.found, key)
    assert error.expected in ("condition alone", "predicted_by alone")


@pytest.mark.parametrize("init_args", ["", "init_args."])
def test_both_names_on_the_command_line_are_refused(project: Path, init_args: str) -> None:
    config = write_yaml(project / "mine.yaml", settings())
    old = "--data.tasks.sentiment.given.layer=aspect"
    new = f"--data.tasks.sentiment.{init_args}condition.layer=aspect"
    error = error_fields(run("fit", "--config", config, old, new))
    assert_names(error.found, "--data.tasks.sentiment.given", "condition")
    assert error.expected == "condition alone"


def test_old_keys_of_a_saved_run_work(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_yaml(project / "config.yaml", with_task(given=OLD))
    found = yaml.safe_load(trusted_config(project))["data"]["tasks"]["sentiment"]["init_args"]
    assert found["condition"] == NEW
    assert capsys.readouterr().err == GIVEN + FOUND_BY


def test_old_keys_are_known_to_comparisons(project: Path) -> None:
    config = write_yaml(project / "mine.yaml", with_task(given=OLD))
    alone = single_task_configs(config, project / "single")["sentiment"]
    task = yaml.safe_load(alone.read_text(encoding="utf-8"))["data"]["tasks"]["sentiment"]
    assert task["init_args"]["condition"] == NEW | {"predicted_by": None}


def test_a_config_that_nests_itself_is_left_alone() -> None:
    nested = yaml.safe_load("data: &a {tasks: {ner: {init_args: &b {init_args: *b, given: 1}}}}")
    found = renamed.rename_keys(nested)
    assert found["data"]["tasks"]["ner"]["init_args"]["condition"] == 1


def test_texts_without_old_names_stay_as_they_are() -> None:
    text = "model: {lr: 1e-4}  # given\ndata: absent.yaml\n"
    assert renamed.rename_in_text("model: {lr: 1e-4}\n") == "model: {lr: 1e-4}\n"
    assert yaml.safe_load(renamed.rename_in_text(text)) == yaml.safe_load(text)


def test_other_keys_of_these_names_stay(capsys: pytest.CaptureFixture[str]) -> None:
    config = {
        "data": {"given": 1, "corpora": {"a": {"given": 1}}},
        "model": {"given": {"found_by": 1}},
    }
    assert renamed.rename_keys(config) == config
    words = ["fit", "--model.given=1", "--data.corpora.a.given", "x", "-c", "given.yaml"]
    assert renamed.rename_options(words) == words
    assert capsys.readouterr().err == ""
