"""The runs that a comparison needs: made once, taken up where they were broken off."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.record import NAME


@dataclass(frozen=True, kw_only=True)
class Job:
    """One training of one configuration.

    Args:
        config: The configuration's file.
        options: What is given beside it, the seed among it.
        folder: Where its runs lie.
    """

    config: Path
    options: tuple[str, ...]
    folder: Path

    @property
    def run(self) -> Path:
        """The run's folder, when there is one."""
        return self.folder / self.config.stem / "version_0"

    @property
    def is_finished(self) -> bool:
        """Whether the run has its figures."""
        return (self.run / NAME).is_file()


def job(config: Path, seed: int, options: Sequence[str], folder: Path) -> Job:
    """A configuration trained with a seed, in a folder of its own for its settings.

    Args:
        config: The configuration's file.
        seed: Of the run.
        options: What is given beside it.
        folder: Of the comparison.
    """
    settings = repr((_read(config), *options))
    name = f"{config.stem}-{hashlib.sha256(settings.encode()).hexdigest()[:8]}"
    own = (*options, f"--seed_everything={seed}")
    return Job(config=config, options=own, folder=folder / name / f"seed_{seed}")


def finish(job: Job) -> None:
    """Begins the run, or goes on with it; does nothing if it is finished.

    Raises:
        InputError: If it fails; with what it said.
    """
    if job.is_finished:
        return
    job.folder.mkdir(parents=True, exist_ok=True)
    options = [f"--trainer.default_root_dir={job.folder}", "--trainer.enable_progress_bar=false"]
    command = ["fit", "--config", str(job.config), "--ckpt_path=last", *options, *job.options]
    # The run imports what this process can import, and nothing from the working folder.
    importable = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "arabic_mtl", *command],
        env=os.environ | {"PYTHONPATH": importable},
        capture_output=True,
        text=True,
        check=False,
    )
    (job.folder / "output.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if not job.is_finished:
        raise InputError(
            "every run of a comparison comes to its end",
            found=f"exit code {done.returncode} of {job.config} {' '.join(job.options)}:\n"
            + "\n".join((done.stdout + done.stderr).splitlines()[-6:]),
            expected=f"figures in {job.run / NAME}; all it said is in {job.folder / 'output.txt'}",
        )


def single_task_configs(config: Path, folder: Path) -> dict[str, Path]:
    """Task to a configuration like the given one, with that task alone.

    Args:
        config: Of several tasks.
        folder: Where to write them.

    Raises:
        InputError: If there are no tasks in the file.
    """
    whole = _read(config)
    if not isinstance(whole.get("data"), dict) or not whole["data"].get("tasks"):
        raise InputError(
            "a configuration names its tasks, so that they can be trained one by one",
            found="no data.tasks",
            expected="data.tasks in the file, or in the one that `data` names",
            file=config,
        )
    folder.mkdir(parents=True, exist_ok=True)
    configs = {}
    for name, task in whole["data"]["tasks"].items():
        path = folder / f"{config.stem}.{name}.yaml"
        alone = whole | {"data": whole["data"] | {"tasks": {name: _alone(task)}}}
        path.write_text(yaml.safe_dump(alone, allow_unicode=True, sort_keys=False), "utf-8")
        configs[name] = path
    return configs


def _read(config: Path) -> dict[str, Any]:
    whole: dict[str, Any] = yaml.safe_load(config.read_text(encoding="utf-8"))
    if isinstance(whole.get("data"), str):  # a file of its own, named relative to this one
        path = config.parent / whole["data"]
        whole["data"] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return whole


def _alone(task: dict[str, Any]) -> dict[str, Any]:
    """A task that builds on no other."""
    options = {key: value for key, value in task["init_args"].items() if key != "spans_from"}
    if options.get("given"):
        options["given"] = options["given"] | {"found_by": None}
    return task | {"init_args": options}
