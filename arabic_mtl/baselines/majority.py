"""The baseline that every model has to beat: always say what is most common."""

import torch
from torch import Tensor

from arabic_mtl.data import MultiTaskData
from arabic_mtl.evaluation.evaluate import batches
from arabic_mtl.model.batch import Batch
from arabic_mtl.tasks import Logits


class Majority:
    """Says each task's most frequent output in the training data.

    Args:
        data: Set up, with ``train`` among its tables.
    """

    def __init__(self, data: MultiTaskData) -> None:
        self.tasks = data.tasks
        counts: dict[str, Tensor] = {n: torch.zeros(t.outputs) for n, t in self.tasks.items()}
        for batch in batches(data, "train"):
            for name, task in self.tasks.items():
                counts[name] = counts[name] + task.frequencies(batch.targets[name])
        self.commonest = {name: int(count.argmax()) for name, count in counts.items()}

    def __call__(self, batch: Batch) -> dict[str, Logits]:
        """Task to logits."""
        return {
            name: task.constant(self.commonest[name], batch.targets[name])
            for name, task in self.tasks.items()
        }
