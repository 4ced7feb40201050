"""The settings and the outcome of a run, for TensorBoard's HParams table."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from lightning.pytorch import Trainer
from torch.utils.tensorboard.summary import hparams

from arabic_mtl.data import MultiTaskData
from arabic_mtl.model.encoders import Encoder
from arabic_mtl.tasks import Task
from arabic_mtl.training import MultiTaskModule
from arabic_mtl.training.balancing import Balancing

_summaries: Any = hparams  # which has no types

Plain = str | int | float
"""The types that TensorBoard accepts as the value of a setting."""


def settings(trainer: Trainer, model: MultiTaskModule, data: MultiTaskData) -> dict[str, Plain]:
    """Returns the settings that affect a run's result, without those that are None.

    Args:
        trainer: The run's Trainer.
        model: The run's module, with its parameters built.
        data: The run's data.
    """
    plan = {key: value for key, value in asdict(data.plan).items() if key != "epochs"}
    values = {
        **{name: getattr(model, name) for name in ("lr", "weight_decay", "warmup", "dropout")},
        "seed": data.seed,
        "epochs": trainer.max_epochs,
        "precision": trainer.precision,
        "encoder": _summarize(model.encoder_settings),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "text": data.text.settings.identity,
        "plan": plan,
        "weight": {name: task.weight for name, task in data.tasks.items()},
        "balancing": _summarize(model.balancing),
    }
    return dict(_flatten(values))


def outcome_tags(tasks: Mapping[str, Task]) -> list[str]:
    """Returns the tags of the metrics that show the outcome of a run.

    TensorBoard shows the last value of each metric: for a finished run, the best checkpoint's.

    Args:
        tasks: The tasks by name.
    """
    names = ["mean", *(f"{name}/{task.selection_metric}" for name, task in tasks.items())]
    return [f"{stage}/{name}" for stage in ("val", "test") for name in names]


def start_summaries(values: Mapping[str, Plain], tags: Sequence[str]) -> list[Any]:
    """Returns the TensorBoard summaries that announce a run.

    Lightning's `log_hyperparams` would also write a first value of each metric, before any exists.

    Args:
        values: The run's settings.
        tags: The tags of the metrics to show next to them.
    """
    experiment, start, _ = _summaries(dict(values), dict.fromkeys(tags, 0.0))
    return [experiment, start]


def end_summary() -> Any:
    """Returns the TensorBoard summary that marks a run as finished."""
    return _summaries({}, {})[-1]


def _flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Plain]]:
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{name}/")
        elif isinstance(value, str) or (_is_number(value) and math.isfinite(value)):
            yield name, value
        elif value is not None:
            # torch would write a bool as a number, and JSON has no infinity.
            yield name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _summarize(part: Encoder | Balancing) -> str:
    """Returns the settings of a part of the model in one line.

    The table cuts long lines, so names come first, then numbers.
    """
    fields = {key: value for key, value in asdict(part).items() if key != "saved"}
    options = [(key.split("/")[-1], value) for key, value in _flatten(fields)]
    names = [value for _, value in options if isinstance(value, str)]
    numbers = [f"{key} {value}" for key, value in options if not isinstance(value, str)]
    return ", ".join([*names, *numbers, type(part).__name__])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
