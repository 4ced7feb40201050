"""Systems that know what is right."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from arabic_mtl.data import MultiTaskData
from arabic_mtl.model.batch import Batch
from arabic_mtl.tasks import TokenClassification


def gold_logits(data: MultiTaskData) -> Any:
    """A system that is right."""

    def system(batch: Batch) -> dict[str, dict[str, Tensor]]:
        logits: dict[str, dict[str, Tensor]] = {}
        for name, task in data.tasks.items():
            labels = batch.targets[name]["labels"]
            if name == "category":
                logits[name] = {"logits": torch.where(labels == 1, 9.0, -9.0)}
            elif isinstance(task, TokenClassification):
                logits[name] = of_tags(labels, task)
            else:
                hot = torch.nn.functional.one_hot(labels.clamp(min=0), 3)
                logits[name] = {"logits": 9.0 * hot}
        return logits

    return system


def of_tags(labels: Tensor, task: TokenClassification) -> dict[str, Tensor]:
    """Logits of a tagger that is right."""
    sizes = {"tags": task.tags, "before": task.trim + 1, "behind": task.trim + 1}
    parts = labels.clamp(min=0).unbind(dim=-1)
    return {
        name: 9.0 * torch.nn.functional.one_hot(part, size)
        for (name, size), part in zip(sizes.items(), parts, strict=True)
    }


def noisy(data: MultiTaskData, size: float) -> Any:
    """A system that is right but for noise on its logits."""
    right, random = gold_logits(data), torch.Generator().manual_seed(0)

    def noise(logits: Tensor) -> Tensor:
        return logits + size * torch.randn(logits.shape, generator=random)

    def system(batch: Batch) -> dict[str, dict[str, Tensor]]:
        return {
            task: {name: noise(values) for name, values in logits.items()}
            for task, logits in right(batch).items()
        }

    return system
