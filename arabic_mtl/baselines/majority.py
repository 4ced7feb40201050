"""The majority baseline: the most frequent output of each task, for every text."""

from torch import Tensor

from arabic_mtl.data import MultiTaskData
from arabic_mtl.evaluation.evaluate import batches
from arabic_mtl.model.batch import Batch
from arabic_mtl.tasks import Logits


class Majority:
    """A system that predicts each task's most frequent output in the training data.

    Args:
        data: The data, set up, with the split ``train`` among its tables.
    """

    def __init__(self, data: MultiTaskData) -> None:
        self.tasks = data.tasks
        self.tallies: dict[str, Tensor] = {}
        for batch in batches(data, "train"):
            for name, task in self.tasks.items():
                tally = task.tally(batch.targets[name])
                self.tallies[name] = self.tallies[name] + tally if name in self.tallies else tally

    def __call__(self, batch: Batch) -> dict[str, Logits]:
        """Returns task to logits, in the shapes of the tasks' heads."""
        return {
            name: task.constant(self.tallies[name], batch.targets[name])
            for name, task in self.tasks.items()
        }
