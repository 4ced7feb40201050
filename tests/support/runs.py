"""Commands in this process, and the runs that they write."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from arabic_mtl.cli import main
from support.configurations import TINY
from support.semeval import hotel_xml

SHRUNK = [
    "--trainer.max_epochs=1",
    "--trainer.limit_train_batches=2",
    "--trainer.limit_val_batches=2",
    "--trainer.limit_test_batches=2",
    "--trainer.accelerator=cpu",
]
NO_PICTURES = "--dashboard.pictures=false"
"""The pictures of the dashboard take longer than the training of a small model."""
TINY_ENCODER = f"--model.encoder.init_args.config={json.dumps(TINY)}"
TINY_WORDS = [
    f"--model.encoder.init_args.{option}={value}"
    for option, value in {"size": 16, "buckets": 500, "hidden": 8}.items()
]


@dataclass(frozen=True)
class Outcome:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Run:
    """The folder of a finished run, and the outcome of ``fit``."""

    folder: Path
    outcome: Outcome

    @property
    def best(self) -> Path:
        """Returns the path of the best checkpoint."""
        return self.folder / "checkpoints" / "best.ckpt"


def run(*arguments: object) -> Outcome:
    """Runs a command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Outcome(code, out.getvalue(), err.getvalue())


def write_yaml(path: Path, value: Any) -> Path:
    """Writes a configuration, and returns its path."""
    path.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
    return path


def folder_options(folder: Path) -> list[str]:
    """Returns the options that place cache and runs inside a folder."""
    return [f"--data.cache={folder / 'cache'}", f"--trainer.default_root_dir={folder / 'runs'}"]


def train_run(folder: Path, value: dict[str, Any]) -> Run:
    """Trains a configuration on the reviews of `hotel_xml`."""
    (folder / "train.xml").write_text(hotel_xml(), encoding="utf-8")
    config = write_yaml(folder / "config.yaml", value)
    outcome = run("fit", "--config", config, f"--data.root={folder}", *folder_options(folder))
    assert outcome.code == 0, outcome.err
    return Run(folder / "runs" / "config" / "version_0", outcome)
