"""Checks that a checkpoint fits the configured model."""

from collections.abc import Mapping, Sequence

from arabic_mtl.errors import InputError
from arabic_mtl.tasks import Task


def require_outputs(saved: Mapping[str, Sequence[str]], tasks: Mapping[str, Task]) -> None:
    """Raises `InputError` if a checkpoint's tasks or outputs differ from the configured ones.

    Args:
        saved: Task to the names of its outputs, from the checkpoint.
        tasks: The configured tasks, by name.

    Raises:
        InputError: If they differ; the message names the task.
    """
    none = "no such task"
    for name in saved.keys() | tasks.keys():
        configured = list(tasks[name].decoder.outputs) if name in tasks else none
        if saved.get(name, none) != configured:
            raise InputError(
                "a checkpoint must have the configured tasks and labels",
                found=f"{name} in the checkpoint: {saved.get(name, none)}",
                expected=f"data.tasks.{name}: {configured}",
            )


def weights_error(error: RuntimeError) -> InputError:
    """Returns an error for a user, made from torch's error about weights that do not fit."""
    return InputError(
        "a checkpoint's weights must fit the configured model",
        found="; ".join(line.strip() for line in str(error).splitlines()[1:4]),
        expected="the encoder, heads and vocabulary that the checkpoint was trained with",
    )
