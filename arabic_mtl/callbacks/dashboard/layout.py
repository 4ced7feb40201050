"""The charts of TensorBoard's custom scalars page."""

import re
from collections.abc import Mapping
from typing import Any

from arabic_mtl.tasks import Task

Layout = dict[str, dict[str, Any]]
"""Section to chart to ``["Multiline", tags]``, as `SummaryWriter.add_custom_scalars` takes it."""


def layout(tasks: Mapping[str, Task]) -> Layout:
    """Returns one section over all tasks, one for each task, and one on training.

    Args:
        tasks: The tasks by name.
    """
    main = [f"val/{name}/{task.selection_metric}" for name, task in tasks.items()]
    sections = {"all tasks": {"main metrics": _chart(*main), "mean": _chart("val/mean")}}
    for name, task in tasks.items():
        others = [m for m in task.metrics() if m != task.selection_metric]
        sections[name] = {
            f"{name}: loss": _chart(f"train/{name}/loss", f"val/{name}/loss"),
            f"{name}: {task.selection_metric}": _chart(f"val/{name}/{task.selection_metric}"),
            f"{name}: other metrics": _chart(*(f"val/{name}/{m}" for m in [*others, "ece"])),
        }
    sections["training"] = {
        "loss of all tasks": _chart("train/loss"),
        "learning rate": _chart("train/lr"),
        "cosine between gradients": ["Multiline", ["gradients/cosine/"]],
        "size of gradients": ["Multiline", ["gradients/norm/"]],
        "rows and tokens per second": _chart("speed/rows_per_second", "speed/tokens_per_second"),
        "padding": _chart("speed/padding"),
        "share of the processor's peak": _chart("speed/mfu"),
    }
    return sections


def _chart(*tags: str) -> list[Any]:
    """Returns a chart of exactly these tags: TensorBoard matches patterns at a tag's start."""
    return ["Multiline", [f"{re.escape(tag)}$" for tag in tags]]
