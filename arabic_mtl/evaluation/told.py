"""What scores do not ask of a model."""

from collections.abc import Mapping

from arabic_mtl.tasks import Task


def scored_on(tasks: Mapping[str, Task]) -> list[str]:
    """Lines for below a table of scores: which tasks are told something of what is right."""
    return [f"{name} is scored on {task.told}" for name, task in tasks.items() if task.told]
