"""Checks of the metrics that checkpoints and early stopping monitor."""

from collections.abc import Mapping, Sequence

from lightning.pytorch import Trainer

from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import Task


def require_labels(trainer: Trainer, option: str, monitors: Sequence[str]) -> None:
    """Raises `InputError` if a monitored task has no labels in the validation split.

    Args:
        trainer: The Trainer, before training. Without a validation split nothing is checked.
        option: The option that names the metrics.
        monitors: The names of the metrics, such as ``val/ner/f1``.
    """
    data = getattr(trainer, "datamodule", None)
    if not isinstance(data, MultiTaskData) or not data.tables.get("validation"):
        return
    labelled = data.labelled_tasks("validation")
    for monitor in monitors:
        name = monitor.removeprefix("val/").partition("/")[0]
        own = _averaged(data.tasks) if monitor == "val/mean" else [name]
        if set(own) <= data.tasks.keys() and not set(own) & set(labelled):
            raise InputError(
                f"`{option}` must be a metric of a task with labelled validation texts",
                found=f"{monitor}, but no validation text is labelled for {' or '.join(own)}",
                expected=f"a metric of {', '.join(labelled) or 'another task'}; or validation "
                f"texts with labels for {' or '.join(own)}",
            )


def _averaged(tasks: Mapping[str, Task]) -> list[str]:
    """Returns the names of the tasks whose main metrics are averaged in ``val/mean``."""
    return [name for name, task in tasks.items() if task.metrics()[task.selection_metric].is_share]
