"""Options that earlier runs lack, with the values that keep what these runs did."""

from collections.abc import Mapping
from typing import Any

from jsonargparse import Namespace

from arabic_mtl.inference.classes import find_class
from arabic_mtl.tasks import TokenClassification

_OVERLAPS = "cut"  # what a tagger did before it had the option


def complete(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a run's saved configuration, with the option `overlaps` of each tagger.

    Runs from before this option have learned from overlapping spans without an error. So their
    taggers get the value that learns the same.

    Args:
        config: The content of the run's ``config.yaml``, which may be someone else's.
    """
    data = config.get("data")
    tasks = data.get("tasks") if isinstance(data, dict) else None
    if not (isinstance(data, dict) and isinstance(tasks, dict)):
        return dict(config)
    completed = {name: _with_overlaps(task) for name, task in tasks.items()}
    return {**config, "data": {**data, "tasks": completed}}


def keep_overlaps(config: Namespace, saved: Mapping[str, Any]) -> None:
    """Sets the option `overlaps` of the taggers of a resumed run that lacks the option.

    Args:
        config: The configuration to resume the run with; an option that is not None is kept.
        saved: The run's own configuration, from `complete`.
    """
    saved_tasks = (saved.get("data") or {}).get("tasks") or {}
    for name, task in (config.data.tasks or {}).items():
        options = (saved_tasks.get(name) or {}).get("init_args") or {}
        if options.get("overlaps") == _OVERLAPS and task.init_args.get("overlaps", "") is None:
            task.init_args.overlaps = _OVERLAPS


def _with_overlaps(task: Any) -> Any:
    """Returns the configuration of a task; a tagger's has the option `overlaps`."""
    options = task.get("init_args") if isinstance(task, dict) else None
    if not isinstance(options, dict) or not isinstance(task.get("class_path"), str):
        return task
    kind = find_class(task["class_path"])
    if not (isinstance(kind, type) and issubclass(kind, TokenClassification)):
        return task
    return {**task, "init_args": {"overlaps": _OVERLAPS, **options}}
