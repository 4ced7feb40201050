"""The linear baseline as a system that maps batches to logits."""

import time

from lightning.fabric.utilities.apply_func import move_data_to_device

from arabic_mtl.baselines.linear.learn import Predictor, TrainingRows, learn
from arabic_mtl.baselines.linear.reading import Reader
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.evaluate import batches
from arabic_mtl.model.batch import Batch, select
from arabic_mtl.tasks import Logits


class Linear:
    """The linear baseline: each task is trained alone, on the training rows of a network.

    Args:
        data: The data, set up, with the split ``train`` among its tables.

    Raises:
        InputError: If there are too few labelled rows, or no function is registered with `learn`
            for the kind of a task.
    """

    def __init__(self, data: MultiTaskData) -> None:
        self._read = Reader(data.text.tokenizer)
        parts = _training_rows(data, self._read)
        self._predictors: dict[str, Predictor] = {}
        self.cpu_seconds: dict[str, float] = {}
        """Task to the CPU time of its training."""
        for name, task in data.store.track(data.tasks.items(), "Learning the linear baseline"):
            start = time.process_time()
            try:
                self._predictors[name] = learn(task, parts[name])
            except InputError as error:
                error.found = f"data.tasks.{name}: {error.found}"
                raise
            self.cpu_seconds[name] = time.process_time() - start

    def __call__(self, batch: Batch) -> dict[str, Logits]:
        """Returns task to logits, in the shapes of the tasks' heads."""
        texts = self._read(batch.tokens)
        device = batch.tokens.input_ids.device
        return {
            name: move_data_to_device(
                predict(select(texts, batch.rows[name]), batch.targets[name]), device
            )
            for name, predict in self._predictors.items()
        }


def _training_rows(data: MultiTaskData, read: Reader) -> dict[str, list[TrainingRows]]:
    """Returns task to the training rows of its corpora, batch by batch."""
    groups = {corpus: table["group"][:] for corpus, table in data.tables["train"].items()}
    parts: dict[str, list[TrainingRows]] = {name: [] for name in data.tasks}
    for batch in batches(data, "train"):
        texts = read(batch.tokens)
        for name in data.tasks:
            row_groups = [groups[corpus][number] for corpus, number in batch.origin_of(name)]
            own = list(select(texts, batch.rows[name]))
            parts[name].append(TrainingRows(own, batch.targets[name], row_groups))
    return parts
