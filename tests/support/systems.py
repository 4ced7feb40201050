"""Systems that compute logits from the gold labels."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from arabic_mtl.data import MultiTaskData
from arabic_mtl.model.batch import Batch
from arabic_mtl.tasks import TokenClassification


def gold_logits(data: MultiTaskData) -> Any:
    """Returns a system whose predictions are the gold labels."""

    def system(batch: Batch) -> dict[str, dict[str, Tensor]]:
        logits: dict[str, dict[str, Tensor]] = {}
        for name, task in data.tasks.items():
            labels = batch.targets[name]["labels"]
            if name == "category":
                logits[name] = {"logits": torch.where(labels == 1, 9.0, -9.0)}
            elif isinstance(task, TokenClassification):
                logits[name] = tag_logits(labels, task)
            else:
                hot = torch.nn.functional.one_hot(labels.clamp(min=0), 3)
                logits[name] = {"logits": 9.0 * hot}
        return logits

    return system


def tag_logits(labels: Tensor, task: TokenClassification) -> dict[str, Tensor]:
    """Returns the logits of a tagger whose predictions are the gold labels."""
    sizes = {"tags": task.tags, "trim_start": task.trim + 1, "trim_end": task.trim + 1}
    parts = labels.clamp(min=0).unbind(dim=-1)
    return {
        name: 9.0 * torch.nn.functional.one_hot(part, size)
        for (name, size), part in zip(sizes.items(), parts, strict=True)
    }


def noisy_logits(data: MultiTaskData, size: float) -> Any:
    """Returns a system that adds Gaussian noise to the logits of `gold_logits`."""
    gold_system, random = gold_logits(data), torch.Generator().manual_seed(0)

    def noise(logits: Tensor) -> Tensor:
        return logits + size * torch.randn(logits.shape, generator=random)

    def system(batch: Batch) -> dict[str, dict[str, Tensor]]:
        return {
            task: {name: noise(values) for name, values in logits.items()}
            for task, logits in gold_system(batch).items()
        }

    return system
