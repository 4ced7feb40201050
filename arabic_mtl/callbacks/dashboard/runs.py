"""What tells runs apart, and what they came to: TensorBoard's table of runs."""

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
"""What TensorBoard takes as the value of a setting."""


def settings(trainer: Trainer, model: MultiTaskModule, data: MultiTaskData) -> dict[str, Plain]:
    """The settings that decide what a run comes to, but for those that are not set.

    Args:
        trainer: Of the run.
        model: Its parameters are made.
        data: What is learned.
    """
    plan = {key: value for key, value in asdict(data.plan).items() if key != "epochs"}
    given = {
        **{name: getattr(model, name) for name in ("lr", "weight_decay", "warmup", "dropout")},
        "seed": data.seed,
        "epochs": trainer.max_epochs,
        "precision": trainer.precision,
        "encoder": _described(model.encoder_settings),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "text": data.text.settings.identity,
        "plan": plan,
        "weight": {name: task.weight for name, task in data.tasks.items()},
        "balancing": _described(model.balancing),
    }
    return dict(_flat(given))


def outcomes(tasks: Mapping[str, Task]) -> list[str]:
    """The tags of the metrics that say what a run came to.

    TensorBoard shows the last value of each. Where a run is through that is the best checkpoint's.

    Args:
        tasks: By name.
    """
    names = ["mean", *(f"{name}/{task.main_metric}" for name, task in tasks.items())]
    return [f"{stage}/{name}" for stage in ("val", "test") for name in names]


def run_started(given: Mapping[str, Plain], tags: Sequence[str]) -> list[Any]:
    """What TensorBoard has to be told when a run begins, as summaries.

    Lightning's `log_hyperparams` would write a value of each metric, too, which is none.

    Args:
        given: The run's settings.
        tags: Of the metrics to show beside them.
    """
    experiment, start, _ = _summaries(dict(given), dict.fromkeys(tags, 0.0))
    return [experiment, start]


def run_ended() -> Any:
    """The same when it is through."""
    return _summaries({}, {})[-1]


def _flat(given: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Plain]]:
    for key, value in given.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}/")
        elif isinstance(value, str) or (_is_number(value) and math.isfinite(value)):
            yield name, value
        elif (
            value is not None
        ):  # a truth value is one number among others to torch, and inf no JSON
            yield name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _described(part: Encoder | Balancing) -> str:
    """A part of the model in one line, which a table shows the beginning of: names come first."""
    fields = {key: value for key, value in asdict(part).items() if key != "saved"}
    set_to = [(key.split("/")[-1], value) for key, value in _flat(fields)]
    names = [value for _, value in set_to if isinstance(value, str)]
    numbers = [f"{key} {value}" for key, value in set_to if not isinstance(value, str)]
    return ", ".join([*names, *numbers, type(part).__name__])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
