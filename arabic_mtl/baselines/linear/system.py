"""The linear baseline as a system like any other."""

import time

from lightning.fabric.utilities.apply_func import move_data_to_device

from arabic_mtl.baselines.linear.learn import Piece, Predictor, learn
from arabic_mtl.baselines.linear.reading import Reader
from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.evaluate import batches
from arabic_mtl.model.batch import Batch, select
from arabic_mtl.tasks import Logits


class Linear:
    """Learns every task by itself, from the rows that a network is trained on.

    Args:
        data: Set up, with ``train`` among its tables.

    Raises:
        InputError: If there are too few labelled rows, or a task is of a kind that no function
            is registered for with `learn`.
    """

    def __init__(self, data: MultiTaskData) -> None:
        self._read = Reader(data.text.tokenizer)
        pieces = _pieces(data, self._read)
        self._predictors: dict[str, Predictor] = {}
        self.cpu_seconds: dict[str, float] = {}
        """What each task took to learn."""
        for name, task in data.store.track(data.tasks.items(), "Learning the linear baseline"):
            start = time.process_time()
            try:
                self._predictors[name] = learn(task, pieces[name])
            except InputError as error:
                error.found = f"data.tasks.{name}: {error.found}"
                raise
            self.cpu_seconds[name] = time.process_time() - start

    def __call__(self, batch: Batch) -> dict[str, Logits]:
        """Task to logits, in the shapes of the tasks' heads."""
        texts = self._read(batch.tokens)
        device = batch.tokens.input_ids.device
        return {
            name: move_data_to_device(
                predict(select(texts, batch.rows[name]), batch.targets[name]), device
            )
            for name, predict in self._predictors.items()
        }


def _pieces(data: MultiTaskData, read: Reader) -> dict[str, list[Piece]]:
    """Task to the training rows of its corpus."""
    groups = {corpus: table["group"][:] for corpus, table in data.tables["train"].items()}
    pieces: dict[str, list[Piece]] = {name: [] for name in data.tasks}
    for batch in batches(data, "train"):
        texts = read(batch.tokens)
        for name in data.tasks:
            of_rows = [groups[corpus][number] for corpus, number in batch.origin_of(name)]
            own = list(select(texts, batch.rows[name]))
            pieces[name].append(Piece(own, batch.targets[name], of_rows))
    return pieces
