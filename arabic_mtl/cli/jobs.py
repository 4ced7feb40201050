"""The training runs of a comparison, which are resumed if interrupted and never repeated."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from arabic_mtl.cli.parser import read_config
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.record import NAME


@dataclass(frozen=True, kw_only=True)
class Job:
    """The training of one configuration with one seed.

    Args:
        config: The file of the configuration.
        options: The command-line options of the run, including the seed.
        folder: The folder of the run's experiment, which has the run folder.
    """

    config: Path
    options: tuple[str, ...]
    folder: Path

    @property
    def run(self) -> Path:
        """Returns the run folder, which may not exist yet."""
        return self.folder / self.config.stem / "version_0"

    @property
    def is_finished(self) -> bool:
        """Returns whether the run folder has the scores of a finished run."""
        return (self.run / NAME).is_file()


def create_job(config: Path, seed: int, options: Sequence[str], folder: Path) -> Job:
    """Returns the job that trains a configuration; its folder is named by all settings.

    Args:
        config: The file of the configuration.
        seed: The seed of the run.
        options: The further command-line options of the run.
        folder: The folder of the comparison.
    """
    settings = repr((_read(config), *options))
    name = f"{config.stem}-{hashlib.sha256(settings.encode()).hexdigest()[:8]}"
    own = (*options, f"--seed_everything={seed}")
    return Job(config=config, options=own, folder=folder / name / f"seed_{seed}")


def finish_job(job: Job) -> None:
    """Starts or resumes a run in a process of its own, unless it is finished.

    Raises:
        InputError: If the run fails; ``found`` has the last lines of its output.
    """
    if job.is_finished:
        return
    job.folder.mkdir(parents=True, exist_ok=True)
    options = [f"--trainer.default_root_dir={job.folder}", "--trainer.enable_progress_bar=false"]
    command = ["fit", "--config", str(job.config), "--ckpt_path=last", *options, *job.options]
    # The run can import what this process can import, but nothing from the working folder.
    import_path = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "arabic_mtl", *command],
        env=os.environ | {"PYTHONPATH": import_path},
        capture_output=True,
        text=True,
        check=False,
    )
    (job.folder / "output.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if not job.is_finished:
        raise InputError(
            "every run of a comparison must succeed",
            found=f"exit code {done.returncode} of {job.config} {' '.join(job.options)}:\n"
            + "\n".join((done.stdout + done.stderr).splitlines()[-6:]),
            expected=f"scores in {job.run / NAME}; its output is in {job.folder / 'output.txt'}",
        )


def single_task_configs(config: Path, folder: Path) -> dict[str, Path]:
    """Writes a copy of a configuration for each of its tasks, with that task alone.

    Args:
        config: The configuration of several tasks.
        folder: The folder to write the copies into.

    Returns:
        Task to the file of its configuration.

    Raises:
        InputError: If the configuration has no tasks.
    """
    whole = _read(config)
    if not isinstance(whole.get("data"), dict) or not whole["data"].get("tasks"):
        raise InputError(
            "--single-task must be used with configurations that have data.tasks",
            found="no data.tasks",
            expected="data.tasks in the file, or in the file that its key `data` names",
            file=config,
        )
    folder.mkdir(parents=True, exist_ok=True)
    configs = {}
    for name, task in whole["data"]["tasks"].items():
        path = folder / f"{config.stem}.{name}.yaml"
        single = whole | {"data": whole["data"] | {"tasks": {name: _independent(task)}}}
        path.write_text(yaml.safe_dump(single, allow_unicode=True, sort_keys=False), "utf-8")
        configs[name] = path
    return configs


def _read(config: Path) -> dict[str, Any]:
    """Reads a configuration; includes the file that ``data`` names, relative to it."""
    whole = read_config(config)
    if isinstance(whole.get("data"), str):
        whole["data"] = read_config(config.parent / whole["data"], ("data",))
    return whole


def _independent(task: dict[str, Any]) -> dict[str, Any]:
    """Returns a task's configuration without its dependencies on other tasks."""
    options = {key: value for key, value in task["init_args"].items() if key != "spans_from"}
    if options.get("condition"):
        options["condition"] = options["condition"] | {"predicted_by": None}
    return task | {"init_args": options}
