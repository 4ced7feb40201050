"""Resuming of a run that was interrupted."""

from collections.abc import Mapping
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from jsonargparse import Namespace
from lightning.pytorch.loggers import TensorBoardLogger

from arabic_mtl.cli.checkpoint import LAST, LAST_FILE, check_checkpoint
from arabic_mtl.cli.earlier import complete, keep_overlaps
from arabic_mtl.cli.hints import find_subclass
from arabic_mtl.cli.parser import read_config
from arabic_mtl.cli.processes import note
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.model.checkpoint import read_checkpoint
from arabic_mtl.training.precision import AUTO

_FIXED = ("seed_everything", "data.", "model.")
"""Prefixes of settings that must not change when the newest run is resumed."""
_SAVED = (
    "data.text.cleaning",
    "data.text.split_proclitics",
    "data.text.stemming",
    "data.text.vocab_size",
    "model.encoder.",
)
"""Prefixes of settings of the text pipeline and the encoder, which a resumed run has saved."""
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
"""Prefixes of settings that change no result, or that follow from other settings."""


def resume(config: Namespace, runs: Path, defaults: Namespace) -> Path | None:
    """Prepares a configuration to resume an interrupted run.

    Args:
        config: The configuration of a `fit` with a ``ckpt_path``; ``last`` in it is replaced by the
            path of the checkpoint.
        runs: The folder of the configuration's runs.
        defaults: The default configuration of `fit`.

    Returns:
        The run folder; None if a new run starts.

    Raises:
        InputError: If settings have changed that a resumed run must keep.
    """
    newest = config.ckpt_path == LAST
    run = _newest_run(config, runs) if newest else _run_of(Path(config.ckpt_path))
    if run is None or (newest and config.ckpt_path is None):
        return run
    check_checkpoint(config.ckpt_path)
    if config.trainer.precision == AUTO:  # not what this device would choose
        config.trainer.precision = (_saved_config(run).get("trainer") or {}).get("precision", AUTO)
    keep_overlaps(config, _saved_config(run))
    changes = _changes(run, config, defaults)
    has_schedule = config.data.plan.final_temperature is not None  # over the number of epochs
    fixed = (*_FIXED, "trainer.max_epochs") if has_schedule else _FIXED
    if newest and (refused := [change for change in changes if change.startswith(fixed)]):
        raise InputError(
            "--ckpt_path=last must resume the newest run with its own settings",
            found="; ".join(refused),
            expected=f"the settings in {run / 'config.yaml'}; or no --ckpt_path, for a new run; "
            f"or --ckpt_path={run}, to resume with the changed settings",
        )
    if refused := [change for change in changes if change.startswith(_SAVED)]:
        raise InputError(
            "a resumed run must keep the text pipeline and the encoder that it has saved",
            found="; ".join(refused),
            expected=f"the settings in {run / 'config.yaml'}; or no --ckpt_path, for a new run",
        )
    checkpoint = read_checkpoint(Path(config.ckpt_path))
    progress = f"epoch {checkpoint['epoch']}, step {checkpoint['global_step']}"
    note(f"resuming {run} after {progress}", *(f"changed: {change}" for change in changes))
    return run


def logger(runs: Path, run: Path | None) -> TensorBoardLogger:
    """Returns a TensorBoard logger for a new run folder, or for that of a resumed run.

    TensorBoard hides the events that a resumed run logged after its last checkpoint.

    Args:
        runs: The folder of the configuration's runs.
        run: The folder of the resumed run, if any.
    """
    if run is None:
        return TensorBoardLogger(runs.parent, runs.name)
    step = read_checkpoint(run / LAST_FILE)["global_step"] if (run / LAST_FILE).is_file() else 0
    return TensorBoardLogger(run.parent.parent, run.parent.name, run.name, purge_step=step)


def require_same_data(checkpoint: Path, data: MultiTaskData) -> None:
    """Checks that a run resumes with the data that it started with.

    Raises:
        InputError: If training or validation files, or the way they are read, have changed.
    """
    state = read_checkpoint(checkpoint)["MultiTaskData"]
    if state.get("fingerprint") != data.store.fingerprint():
        raise InputError(
            "a resumed run must have the training and validation texts that it started with",
            found=f"other texts in {data.store.root}",
            expected="the same files; or no --ckpt_path, for a new run",
        )


def _run_of(checkpoint: Path) -> Path | None:
    """Returns the folder of the run that a checkpoint resumes; None if it is not the run's last."""
    run = checkpoint.parent.parent
    if checkpoint != run / LAST_FILE or not (run / "config.yaml").is_file():
        return None
    return run if run.parent.parent.name else run.resolve()  # the logger needs these names


def _newest_run(config: Namespace, runs: Path) -> Path | None:
    """Returns the newest run folder, and puts its last checkpoint, if any, into the configuration.

    Raises:
        InputError: If the runs have a logger with other folders, or the newest no configuration.
    """
    if config.trainer.logger not in (None, True):
        raise InputError(
            "--ckpt_path=last must be used with the default logger",
            found="a trainer.logger, which has its own folders",
            expected="--ckpt_path=RUN/checkpoints/last.ckpt",
        )
    config.ckpt_path = None
    versions = {
        int(path.name.removeprefix("version_")): path
        for path in runs.glob("version_*")
        if path.name.removeprefix("version_").isdigit()
    }
    if not versions:
        note(f"no run in {runs} to resume: starting a new one")
        return None
    run = versions[max(versions)]
    if (run / LAST_FILE).is_file() and not (run / "config.yaml").is_file():
        raise InputError(
            "a run folder must hold the run's config.yaml",
            found=f"no config.yaml in {run}, which is the newest run",
            expected="the original file there, or the folder moved elsewhere",
        )
    if (run / LAST_FILE).is_file():
        config.ckpt_path = run / LAST_FILE
        config.data.text.saved = run / "text"
        config.model.encoder.init_args.saved = run / "encoder"
    else:
        note(f"{run} was interrupted before its first checkpoint: starting it again")
    return run


def _changes(run: Path, config: Namespace, defaults: Namespace) -> list[str]:
    """Returns the changed settings that decide results, each with its old and its new value.

    A setting that an earlier version did not save had its default.
    """
    current, saved = _flatten(config.as_dict()), _flatten(_saved_config(run))
    saved = _defaults(current, _flatten(defaults.as_dict())) | saved
    return [
        f"{key}: {saved.get(key, 'nothing')}, now {current.get(key, 'nothing')}"
        for key in sorted(saved.keys() | current.keys())
        if not key.startswith(_FREE) and str(saved.get(key)) != str(current.get(key))
    ]


def _defaults(current: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the defaults of all current settings that have one.

    Args:
        current: The flattened configuration.
        plain: The flattened default configuration, which has no options of named classes.
    """
    defaults = {key: value for key, value in plain.items() if key in current}
    for key in current:
        owner, _, name = key.rpartition(".init_args.")
        if owner and f"{owner}.class_path" in current:
            kind = find_subclass(current[f"{owner}.class_path"], [object])
            parameters = signature(kind).parameters if kind else {}
            if name in parameters and parameters[name].default is not Parameter.empty:
                defaults |= _flatten(parameters[name].default, key)
    return defaults


def _saved_config(run: Path) -> Any:
    """Returns the configuration that a run was started with."""
    return complete(read_config(run / "config.yaml"))


def _flatten(settings: Any, key: str = "") -> dict[str, Any]:
    """Returns nested settings by dotted keys, without the paths of a run's own files."""
    if isinstance(settings, list) and any(isinstance(each, dict) for each in settings):
        settings = dict(enumerate(settings))  # a list of classes, such as callbacks
    if not isinstance(settings, dict):
        value = list(settings) if isinstance(settings, tuple) else settings
        return {} if key.endswith(".saved") else {key: value}
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flatten(value, f"{key}.{name}" if key else name)
    return flat
