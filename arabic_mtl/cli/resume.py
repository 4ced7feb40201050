"""Going on with a run that was broken off."""

from pathlib import Path
from typing import Any

import yaml
from jsonargparse import Namespace
from lightning.pytorch.loggers import TensorBoardLogger

from arabic_mtl.cli.checkpoint import LAST, check_checkpoint
from arabic_mtl.cli.processes import note
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.model.checkpoint import read_checkpoint
from arabic_mtl.training.precision import AUTO

_LAST = Path("checkpoints") / "last.ckpt"
_FIXED = ("seed_everything", "data.", "model.")
"""The settings without which a run would be another one."""
_SAVED = (
    "data.text.cleaning",
    "data.text.split_proclitics",
    "data.text.stemming",
    "data.text.vocab_size",
    "model.encoder.",
)
"""Those of them that the run has saved: it goes on with what it made of them."""
_FREE = (
    "ckpt_path",
    "config",
    "weights_only",
    "data.cache",
    "data.num_workers",
    "data.persistent_workers",
    "data.plan.epochs",
    "data.root",
    "data.seed",
    "data.text.form",
    "data.text.pretrained",
    "last.",
    "trainer.accelerator",
    "trainer.default_root_dir",
    "trainer.enable_",
    "trainer.log_every_n_steps",
    "trainer.logger",
)
"""Settings that change no result, or that follow from others."""


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
    if config.trainer.precision == AUTO:  # whatever this device would choose
        config.trainer.precision = (_began(run).get("trainer") or {}).get("precision", AUTO)
    changes = _changes(run, config)
    changing = config.data.plan.final_temperature is not None  # with the number of epochs
    fixed = (*_FIXED, "trainer.max_epochs") if changing else _FIXED
    if newest and (others := [c for c in changes if c.startswith(fixed)]):
        raise InputError(
            "--ckpt_path=last goes on with the newest run as it began",
            found="; ".join(others),
            expected=f"what is in {run / 'config.yaml'}; or no --ckpt_path, for a new run; "
            f"or --ckpt_path={config.ckpt_path}, to go on all the same",
        )
    if others := [c for c in changes if c.startswith(_SAVED)]:
        raise InputError(
            "a run goes on with the text pipeline and the encoder that it has saved",
            found="; ".join(others),
            expected=f"what is in {run / 'config.yaml'}; or no --ckpt_path, for a new run",
        )
    checkpoint = read_checkpoint(Path(config.ckpt_path))
    place = f"epoch {checkpoint['epoch']}, step {checkpoint['global_step']}"
    note(f"going on with {run} after {place}", *(f"not as it began: {c}" for c in changes))
    return run


def logger(runs: Path, run: Path | None) -> TensorBoardLogger:
    """TensorBoard in a new folder, or in that of a run that goes on.

    What a run has logged after the checkpoint that it goes on from is hidden.
    """
    if run is None:
        return TensorBoardLogger(runs.parent, runs.name)
    step = read_checkpoint(run / _LAST)["global_step"] if (run / _LAST).is_file() else 0
    return TensorBoardLogger(run.parent.parent, run.parent.name, run.name, purge_step=step)


def require_same_data(checkpoint: Path, data: MultiTaskData) -> None:
    """Refuses to go on in the middle of other data.

    Raises:
        InputError: If the corpora's bytes, or what is read of them, are not those of the run.
    """
    state = read_checkpoint(checkpoint)["MultiTaskData"]
    if state.get("content") != data.store.content():
        raise InputError(
            "a run goes on with the texts that it began with",
            found=f"other training or validation texts in {data.store.root}",
            expected="the same files; or no --ckpt_path, for a new run",
        )


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
        note(f"no run in {runs} to go on with: a new one begins")
        return None
    run = versions[max(versions)]
    if (run / _LAST).is_file() and not (run / "config.yaml").is_file():
        raise InputError(
            "a run's folder says what it began with",
            found=f"no config.yaml in {run}, which is the newest",
            expected="the file where it was, or the folder moved out of the way",
        )
    if (run / _LAST).is_file():
        config.ckpt_path = run / _LAST
        config.data.text.saved = run / "text"
        config.model.encoder.init_args.saved = run / "encoder"
    else:
        note(f"{run} was broken off before its first checkpoint: it begins anew")
    return run


def _changes(run: Path, config: Namespace) -> list[str]:
    """Which settings that matter are not those that a run began with."""
    began = _flat(_began(run))
    now = _flat(config.as_dict())
    return [
        f"{key}: {began.get(key, 'nothing')}, now {now.get(key, 'nothing')}"
        for key in sorted(began.keys() | now.keys())
        if not key.startswith(_FREE) and str(began.get(key)) != str(now.get(key))
    ]


def _began(run: Path) -> Any:
    """Returns the configuration that a run began with."""
    return yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8"))


def _flat(settings: Any, key: str = "") -> dict[str, Any]:
    """Nested settings by dotted keys, without what says where a run's own files are."""
    if isinstance(settings, list) and any(isinstance(each, dict) for each in settings):
        settings = dict(enumerate(settings))  # classes, such as callbacks
    if not isinstance(settings, dict):
        value = list(settings) if isinstance(settings, tuple) else settings
        return {} if key.endswith(".saved") else {key: value}
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{key}.{name}" if key else name)
    return flat
