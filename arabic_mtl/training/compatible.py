"""Does a checkpoint belong to a model?"""

from collections.abc import Mapping, Sequence

from arabic_mtl.errors import InputError
from arabic_mtl.tasks import Task


def require_outputs(saved: Mapping[str, Sequence[str]], tasks: Mapping[str, Task]) -> None:
    """Refuses a checkpoint whose outputs stand for something else.

    Args:
        saved: Task to the names of its outputs, from the checkpoint.
        tasks: The configured ones.

    Raises:
        InputError: Naming the task.
    """
    none = "no such task"
    for name in saved.keys() | tasks.keys():
        configured = list(tasks[name].decoder.outputs) if name in tasks else none
        if saved.get(name, none) != configured:
            raise InputError(
                "a checkpoint's tasks and labels are the configured ones",
                found=f"{name} in the checkpoint: {saved.get(name, none)}",
                expected=f"data.tasks.{name}: {configured}",
            )


def other_weights(error: RuntimeError) -> InputError:
    """What torch says of weights that do not fit, told to a user."""
    return InputError(
        "a checkpoint's weights fit the configured model",
        found="; ".join(line.strip() for line in str(error).splitlines()[1:4]),
        expected="the encoder, heads and vocabulary that the checkpoint was trained with",
    )
