import torch

from arabic_mtl.model.batch import Batch
from arabic_mtl.tasks import SequenceClassification
from arabic_mtl.tasks.batch import Part, unite
from arabic_mtl.tasks.scores import Scores
from arabic_mtl.text.encoding import FIELDS

TASKS = {
    name: SequenceClassification(corpus=name, layer="polarity", labels=("a", "b"))
    for name in ("seen", "unseen")
}


def batch(labels: list[int]) -> Batch:
    """Rows of one corpus, of one token each."""
    columns = {name: [[1]] * len(labels) for name in FIELDS}
    numbers = list(range(len(labels)))
    part = Part({**columns, "number": numbers, "task_seen": labels})
    return unite({"seen": part}, TASKS, 0)


def test_task_without_rows_has_no_scores_and_no_part_in_the_mean() -> None:
    scores = Scores(TASKS)
    right = torch.tensor([[9.0, 0.0], [0.0, 9.0], [0.0, 9.0]])
    scores.update({"seen": right, "unseen": torch.zeros(0, 2)}, batch([0, 1, 1]))
    values = scores.compute()
    assert set(values) == {"seen/accuracy", "seen/macro_f1", "seen/loss", "mean"}
    assert float(values["mean"]) == 1.0


def test_scores_are_over_all_batches_and_start_anew() -> None:
    scores = Scores(TASKS)
    always_a = torch.tensor([[1.0, 0.0]])
    for labels in ([0], [1, 1], [0]):
        logits = {"seen": always_a.expand(len(labels), 2), "unseen": torch.zeros(0, 2)}
        scores.update(logits, batch(labels))
    assert float(scores.compute()["seen/accuracy"]) == 0.5
    scores.update({"seen": always_a, "unseen": torch.zeros(0, 2)}, batch([0]))
    assert float(scores.compute()["seen/accuracy"]) == 1.0
