"""The scores by which a run is watched."""

from collections.abc import Sequence

from lightning.pytorch import Trainer

from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError


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
        if name in data.tasks and name not in labelled:
            raise InputError(
                f"`{option}` must be a score of the validation texts",
                found=f"{monitor}, but no validation text is labelled for {name}",
                expected=f"a score of {', '.join(labelled) or 'another task'}; or validation "
                f"texts with {name}",
            )
