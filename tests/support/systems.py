"""Systems that know what is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from arabic_mtl.data import MultiTaskData
from arabic_mtl.model.batch import Batch
from arabic_mtl.tasks import Logits

System = Callable[[Batch], dict[str, Logits]]


def gold_logits(data: MultiTaskData) -> System:
    """A system that is right."""

    def system(batch: Batch) -> dict[str, Logits]:
        logits: dict[str, Logits] = {}
        for name, task in data.tasks.items():
            labels = batch.targets[name]["labels"]
            if name == "category":
                logits[name] = {"logits": torch.where(labels == 1, 9.0, -9.0)}
            elif name == "ner":
                logits[name] = _tagging(task, labels)
            else:
                logits[name] = {"logits": 9.0 * one_hot(labels.clamp(min=0), 3)}
        return logits

    return system


def _tagging(task: Any, labels: Tensor) -> Logits:
    sizes = {"tags": task.tags, "before": task.trim + 1, "behind": task.trim + 1}
    parts = zip(labels.clamp(min=0).unbind(dim=-1), sizes.items(), strict=True)
    return {name: 9.0 * one_hot(part, size) for part, (name, size) in parts}


def noisy(data: MultiTaskData, size: float) -> System:
    """A system that is right but for noise on its logits."""
    right, random = gold_logits(data), torch.Generator().manual_seed(0)

    def noise(logits: Tensor) -> Tensor:
        return logits + size * torch.randn(logits.shape, generator=random)

    def system(batch: Batch) -> dict[str, Logits]:
        return {
            name: {key: noise(of) for key, of in logits.items()}
            for name, logits in right(batch).items()
        }

    return system
