"""The scores by which a run is watched."""

from collections.abc import Mapping, Sequence

from lightning.pytorch import Trainer

from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import Task


def require_labelled(trainer: Trainer, option: str, monitors: Sequence[str]) -> None:
    """Raises `InputError` if a task's score is watched of which the validation has no labels.

    Args:
        trainer: About to train; if it makes no validation, nothing is raised.
        option: The option that names the metrics.
        monitors: The metrics.
    """
    data = getattr(trainer, "datamodule", None)
    if not isinstance(data, MultiTaskData) or not data.tables.get("validation"):
        return
    labelled = data.labelled("validation")
    for monitor in monitors:
        name = monitor.removeprefix("val/").partition("/")[0]
        own = _averaged(data.tasks) if monitor == "val/mean" else [name]
        if set(own) <= data.tasks.keys() and not set(own) & set(labelled):
            raise InputError(
                f"`{option}` must be a score of the validation texts",
                found=f"{monitor}, but no validation text is labelled for {' or '.join(own)}",
                expected=f"a score of {', '.join(labelled) or 'another task'}; or validation "
                f"texts with {' or '.join(own)}",
            )


def _averaged(tasks: Mapping[str, Task]) -> list[str]:
    """Returns the tasks whose main metrics are part of the mean."""
    return [name for name, task in tasks.items() if task.metrics()[task.main_metric].is_share]
