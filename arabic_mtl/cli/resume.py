"""Going on with a run that was broken off."""

import sys
from pathlib import Path
from typing import Any

import yaml
from jsonargparse import Namespace
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only

from arabic_mtl.cli.checkpoint import LAST, check_checkpoint, read_checkpoint
from arabic_mtl.errors import InputError

_LAST = Path("checkpoints") / "last.ckpt"
_DECIDE = ("seed_everything", "data", "model")
"""The settings without which a run would be another one."""
_LEAD = (
    *("trainer.max_epochs", "trainer.max_steps", "trainer.accumulate_grad_batches"),
    *("trainer.limit_train_batches", "trainer.precision", "trainer.gradient_clip_val"),
    *("trainer.gradient_clip_algorithm", "checkpoint", "early_stopping"),
)
"""Those that may change where it leads."""
_FREE = ("data.root", "data.cache", "data.num_workers", "data.persistent_workers")
"""Those that say where and how fast, not what."""


def go_on(config: Namespace, runs: Path) -> Path | None:
    """Sets a run up to go on where it was broken off.

    Args:
        config: Of a `fit` with a ``ckpt_path``, which is filled in.
        runs: Where the runs of the configuration lie.

    Returns:
        The run's folder; none if a new run begins.

    Raises:
        InputError: If ``--ckpt_path=last`` would make another run of it.
    """
    newest = config.ckpt_path == LAST
    run = _newest(config, runs) if newest else _run_of(Path(config.ckpt_path))
    if run is None or (newest and config.ckpt_path is None):
        return run
    check_checkpoint(config.ckpt_path)
    changes = _changes(run, config)
    if newest and (others := [c for c in changes if c.startswith(_DECIDE)]):
        raise InputError(
            "--ckpt_path=last goes on with the newest run as it began",
            found="; ".join(others),
            expected=f"what is in {run / 'config.yaml'}; or no --ckpt_path, for a new run; "
            f"or --ckpt_path={config.ckpt_path}, to go on all the same",
        )
    checkpoint = read_checkpoint(Path(config.ckpt_path))
    place = f"epoch {checkpoint['epoch']}, step {checkpoint['global_step']}"
    _say(f"going on with {run} after {place}", *(f"not as it began: {c}" for c in changes))
    return run


def logger(runs: Path, run: Path | None) -> TensorBoardLogger:
    """TensorBoard in a new folder, or in that of a run that goes on.

    What a run has logged after the checkpoint that it goes on from is hidden.
    """
    if run is None:
        return TensorBoardLogger(runs.parent, runs.name)
    step = read_checkpoint(run / _LAST)["global_step"] if (run / _LAST).is_file() else 0
    return TensorBoardLogger(run.parent.parent, run.parent.name, run.name, purge_step=step)


def _run_of(checkpoint: Path) -> Path | None:
    """The folder of the run that goes on from a checkpoint, if it is the last of its run."""
    run = checkpoint.parent.parent
    if checkpoint != run / _LAST or not (run / "config.yaml").is_file():
        return None
    return run if run.parent.parent.name else run.resolve()  # the logger asks for these names


def _newest(config: Namespace, runs: Path) -> Path | None:
    """The newest run, whose last checkpoint, if it got that far, is filled in."""
    if config.trainer.logger not in (None, True):
        raise InputError(
            "--ckpt_path=last goes on in the newest of the folders that runs are given",
            found="a trainer.logger, which has folders of its own",
            expected="the path of the run's last.ckpt",
        )
    config.ckpt_path = None
    versions = {
        int(path.name.removeprefix("version_")): path
        for path in runs.glob("version_*")
        if path.name.removeprefix("version_").isdigit()
    }
    if not versions:
        _say(f"no run in {runs} to go on with: a new one begins")
        return None
    run = versions[max(versions)]
    if (run / _LAST).is_file():
        config.ckpt_path = run / _LAST
        config.data.text.saved = run / "text"
        config.model.encoder.init_args.saved = run / "encoder"
    else:
        _say(f"{run} was broken off before its first checkpoint: it begins anew")
    return run


def _changes(run: Path, config: Namespace) -> list[str]:
    """Which settings that matter are not those that a run began with."""
    began = _flat(yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8")))
    now = _flat(config.as_dict())
    return [
        f"{key}: {began[key]}, now {now[key]}"
        for key in sorted(began.keys() & now.keys())
        if key.startswith(_DECIDE + _LEAD) and key not in _FREE and str(began[key]) != str(now[key])
    ]


def _flat(settings: Any, key: str = "") -> dict[str, Any]:
    """Nested settings by dotted keys, without what says where a run's own files are."""
    if not isinstance(settings, dict):
        value = list(settings) if isinstance(settings, tuple) else settings
        return {} if key.endswith(".saved") else {key: value}
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{key}.{name}" if key else name)
    return flat


@rank_zero_only
def _say(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)
