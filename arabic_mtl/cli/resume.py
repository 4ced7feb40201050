"""Going on with a run that was broken off."""

import sys
from pathlib import Path
from typing import Any

import yaml
from jsonargparse import Namespace
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only

from arabic_mtl.cli.checkpoint import read_checkpoint

_LAST = Path("checkpoints") / "last.ckpt"
_EXACT = (
    *("seed_everything", "data", "model", "trainer.max_epochs", "trainer.max_steps"),
    *("trainer.accumulate_grad_batches", "trainer.limit_train_batches", "trainer.precision"),
    *("trainer.gradient_clip_val", "trainer.gradient_clip_algorithm"),
)
"""The settings that decide what a run computes."""


def newest_run(runs: Path) -> Path | None:
    """The run with the highest number in a folder of ``version_N``."""
    versions = {
        int(path.name.removeprefix("version_")): path
        for path in runs.glob("version_*")
        if path.name.removeprefix("version_").isdigit()
    }
    return versions[max(versions)] if versions else None


def run_of(checkpoint: Path) -> Path | None:
    """The folder of the run that goes on from a checkpoint, if it is the last of its run."""
    run = checkpoint.parent.parent
    return run if checkpoint == run / _LAST and (run / "config.yaml").is_file() else None


def last_checkpoint(run: Path) -> Path | None:
    """What a run goes on from, if it got that far before it was broken off."""
    return run / _LAST if (run / _LAST).is_file() else None


def logger(runs: Path, run: Path | None) -> TensorBoardLogger:
    """TensorBoard in a new folder, or in that of a run that goes on.

    What a run has logged after the checkpoint that it goes on from is hidden.
    """
    if run is None:
        return TensorBoardLogger(runs.parent, runs.name)
    checkpoint = last_checkpoint(run)
    step = read_checkpoint(checkpoint)["global_step"] if checkpoint else 0
    return TensorBoardLogger(run.parent.parent, run.parent.name, run.name, purge_step=step)


@rank_zero_only
def tell(run: Path, config: Namespace) -> None:
    """Says where a run goes on, and which settings are not those that it began with."""
    if (path := last_checkpoint(run)) is None:
        print(f"{run} was broken off before its first checkpoint: it begins anew", file=sys.stderr)
        return
    checkpoint = read_checkpoint(path)
    place = f"epoch {checkpoint['epoch']}, step {checkpoint['global_step']}"
    print(f"going on with {run} after {place}", file=sys.stderr)
    began = _flat(yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8")))
    goes_on = _flat(config.as_dict())
    for key in sorted(began.keys() & goes_on.keys()):
        if key.startswith(_EXACT) and str(began[key]) != str(goes_on[key]):
            print(f"not as it began: {key}: {began[key]}, now {goes_on[key]}", file=sys.stderr)


def _flat(settings: Any, key: str = "") -> dict[str, Any]:
    """Nested settings by dotted keys, without what says where a run's own files are."""
    if not isinstance(settings, dict):
        value = list(settings) if isinstance(settings, tuple) else settings
        return {} if key.endswith(".saved") else {key: value}
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{key}.{name}" if key else name)
    return flat
