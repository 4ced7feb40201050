"""The runs of a comparison, and their folders."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from arabic_mtl.cli.jobs import create_job, finish_job, single_task_configs
from arabic_mtl.errors import InputError
from support.configurations import settings
from support.runs import write_yaml


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_yaml(tmp_path / "mine.yaml", settings())


def test_other_settings_have_another_folder(config: Path, tmp_path: Path) -> None:
    one = create_job(config, 0, ["--model.lr=1"], tmp_path)
    assert one == create_job(config, 0, ["--model.lr=1"], tmp_path)
    assert one.run == one.folder / "mine" / "version_0"
    assert one.folder.name == "seed_0"
    assert one.folder.parent.name.startswith("mine-")
    assert one.options == ("--model.lr=1", "--seed_everything=0")
    seed = create_job(config, 1, ["--model.lr=1"], tmp_path)
    assert (seed.folder.parent, seed.folder.name) == (one.folder.parent, "seed_1")
    others = [create_job(config, 0, ["--model.lr=2"], tmp_path)]
    write_yaml(config, settings() | {"seed_everything": 4})
    others.append(create_job(config, 0, ["--model.lr=1"], tmp_path))
    assert len({each.folder for each in [one, *others]}) == 3


def test_included_data_file_changes_the_folder(config: Path, tmp_path: Path) -> None:
    whole = settings()
    data = write_yaml(tmp_path / "data.yaml", whole["data"])
    write_yaml(config, whole | {"data": "data.yaml"})
    before = create_job(config, 0, [], tmp_path).folder
    write_yaml(data, whole["data"] | {"validation_share": 0.4})
    assert create_job(config, 0, [], tmp_path).folder != before


def test_single_task_configs(config: Path, tmp_path: Path) -> None:
    alone = single_task_configs(config, tmp_path / "single")
    whole = settings()
    assert list(alone) == sorted(whole["data"]["tasks"])
    for name, path in alone.items():
        assert path == tmp_path / "single" / f"mine.{name}.yaml"
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        expected = whole["data"]["tasks"][name]
        expected["init_args"].pop("spans_from", None)
        assert found["data"]["tasks"] == {name: expected}
        found["data"].pop("tasks")
        rest = {key: value for key, value in whole["data"].items() if key != "tasks"}
        assert found == whole | {"data": rest}


def test_finished_run_is_not_repeated(config: Path, tmp_path: Path) -> None:
    job = create_job(config, 0, [], tmp_path)
    job.run.mkdir(parents=True)
    (job.run / "metrics.json").write_text("{}")
    finish_job(job)
    assert [path.name for path in job.folder.rglob("*") if path.is_file()] == ["metrics.json"]


@pytest.mark.slow
@pytest.mark.runs
def test_failed_run_raises_with_its_output(config: Path, tmp_path: Path) -> None:
    job = create_job(config, 0, ["--model.lr=-1"], tmp_path)
    with pytest.raises(InputError) as error:
        finish_job(job)
    first, _, output = str(error.value.found).partition("\n")
    assert f" 2 of {config} --model.lr=-1 --seed_everything=0" in first
    assert " model.lr " in output
    assert str(job.folder / "output.txt") in str(error.value.expected)
    assert "model.lr" in (job.folder / "output.txt").read_text(encoding="utf-8")


def test_configuration_without_tasks_raises(tmp_path: Path) -> None:
    config = write_yaml(tmp_path / "empty.yaml", {"model": {"lr": 1.0}})
    assert create_job(config, 0, ["--data=data.yaml"], tmp_path).run.name == "version_0"
    with pytest.raises(InputError, match=r"data\.tasks") as error:
        single_task_configs(config, tmp_path / "single")
    assert error.value.file == config
