"""Commands in this process, and the runs that they leave."""

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
TINY_ENCODER = f"--model.encoder.init_args.config={json.dumps(TINY)}"
TINY_WORDS = [
    f"--model.encoder.init_args.{option}={value}"
    for option, value in {"size": 16, "buckets": 500, "hidden": 8}.items()
]


@dataclass(frozen=True)
class Outcome:
    """What a command gave back."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Run:
    """A finished run: where it lies, and what ``fit`` said."""

    folder: Path
    outcome: Outcome

    @property
    def best(self) -> Path:
        """The checkpoint that the report is about."""
        return self.folder / "checkpoints" / "best.ckpt"


def run(*arguments: object) -> Outcome:
    """Runs a command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Outcome(code, out.getvalue(), err.getvalue())


def write_yaml(path: Path, value: Any) -> Path:
    """Writes a configuration."""
    path.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
    return path


def places(folder: Path) -> list[str]:
    """The options that keep a run inside a folder."""
    return [f"--data.cache={folder / 'cache'}", f"--trainer.default_root_dir={folder / 'runs'}"]


def fitted(place: Path, value: dict[str, Any]) -> Run:
    """A run of a configuration on reviews whose labels follow from their words."""
    (place / "train.xml").write_text(hotel_xml(), encoding="utf-8")
    config = write_yaml(place / "config.yaml", value)
    outcome = run("fit", "--config", config, f"--data.root={place}", *places(place))
    assert outcome.code == 0, outcome.err
    return Run(place / "runs" / "config" / "version_0", outcome)
