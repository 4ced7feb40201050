"""Scores of all tasks over batches: the rows, corpora and tasks that they include."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from arabic_mtl.documents import LabelScore, Prediction, TextPrediction
from arabic_mtl.model.batch import Batch, Origin
from arabic_mtl.tasks import SequenceClassification
from arabic_mtl.tasks.batch import CorpusRows, collate
from arabic_mtl.tasks.metrics import AdditiveMetric, Floats, TaskMetric, ratio
from arabic_mtl.tasks.scores import Scores, higher_is_better, is_share
from arabic_mtl.text.encoding import FIELDS
from support.predictions import gold_text, predicted_labels

LABELS = ("a", "b")
TASKS = {
    name: SequenceClassification(corpus=name, layer="polarity", labels=LABELS)
    for name in ("seen", "unseen")
}
BOTH = {
    "both": SequenceClassification(corpus=("one", "two"), layer="polarity", labels=LABELS),
    "single": SequenceClassification(corpus="one", layer="polarity", labels=LABELS),
}
RIGHT = {"a": [9.0, 0.0], "b": [0.0, 9.0]}


def make_logits(labels: str) -> dict[str, Tensor]:
    """Returns logits of probabilities near 1 for the label of each row."""
    return {"logits": torch.tensor([RIGHT[label] for label in labels]).view(-1, 2)}


def part(corpus: str, labels: Sequence[int | None], first: int = 0) -> CorpusRows:
    """Returns rows of one token in one corpus, with values for all its tasks."""
    columns = {name: [[1]] * len(labels) for name in FIELDS}
    numbers = list(range(first, first + len(labels)))
    tasks = [name for name, task in (TASKS | BOTH).items() if corpus in task.corpora]
    return CorpusRows(
        {**columns, "number": numbers, **{f"task_{name}": list(labels) for name in tasks}}
    )


def batch(labels: Sequence[int | None]) -> Batch:
    """Returns a batch of rows of one corpus."""
    return collate({"seen": part("seen", labels)}, TASKS, 0)


def test_task_without_rows_has_no_scores_and_no_part_in_the_mean() -> None:
    scores = Scores(TASKS)
    scores.update({"seen": make_logits("abb"), "unseen": make_logits("")}, batch([0, 1, 1]))
    values = scores.compute()
    assert set(values) == {"seen/accuracy", "seen/macro_f1", "seen/loss", "mean"}
    assert float(values["mean"]) == 1.0


def test_task_without_labelled_rows_has_no_scores() -> None:
    scores = Scores(TASKS)
    updates = scores.update(
        {"seen": make_logits("ab"), "unseen": make_logits("")}, batch([None, None])
    )
    assert predicted_labels(updates["seen"].predicted) == [["a"], ["b"]]
    assert scores.compute() == {}


def test_scores_cover_all_batches_and_are_reset() -> None:
    scores = Scores(TASKS)
    for labels in ((0,), (1, 1), (0,)):
        logits = {"seen": make_logits("a" * len(labels)), "unseen": make_logits("")}
        scores.update(logits, batch(labels))
    assert float(scores.compute()["seen/accuracy"]) == 0.5
    scores.update({"seen": make_logits("a"), "unseen": make_logits("")}, batch([0]))
    assert float(scores.compute()["seen/accuracy"]) == 1.0


def test_update_returns_the_rows_of_each_task_that_has_some() -> None:
    logits = {"seen": make_logits("ba"), "unseen": make_logits("")}
    updates = Scores(TASKS).update(logits, batch([0, None]))
    assert list(updates) == ["seen"]
    assert updates["seen"].origin == [Origin("seen", 0), Origin("seen", 1)]
    assert updates["seen"].gold == [gold_text("a"), None]
    probabilities = torch.tensor(RIGHT["b"], dtype=torch.float64).softmax(dim=0).tolist()
    assert updates["seen"].predicted[0] == TextPrediction(
        (LabelScore("b", probabilities[1]),), tuple(probabilities)
    )


def test_unlabelled_rows_are_ignored() -> None:
    with_them, without = Scores(TASKS), Scores(TASKS)
    empty = make_logits("")
    with_them.update({"seen": make_logits("abba"), "unseen": empty}, batch([0, None, 0, None]))
    without.update({"seen": make_logits("ab"), "unseen": empty}, batch([0, 0]))
    assert with_them.compute() == without.compute()


def test_scores_of_each_corpus_of_a_task_on_several() -> None:
    """2 of 2 are correct in the first corpus, 1 of 3 in the second."""
    scores = Scores(BOTH)
    parts = {"one": part("one", [0, 1]), "two": part("two", [0, 0, 1, None])}
    logits = {"both": make_logits("ababab"), "single": make_logits("ab")}
    scores.update(logits, collate(parts, BOTH, 0))
    values = {name: round(float(value), 4) for name, value in scores.compute().items()}
    losses = {name: values.pop(name) for name in ("both/loss", "single/loss")}
    assert losses["both/loss"] > losses["single/loss"] > 0
    assert values == {
        "both/accuracy": 0.6,
        "both/macro_f1": 0.5833,  # a: 2 · 2 / (3 + 3), b: 2 · 1 / (2 + 2)
        "both@one/accuracy": 1.0,
        "both@one/macro_f1": 1.0,
        "both@two/accuracy": 0.3333,
        "both@two/macro_f1": 0.25,  # a: 2 · 1 / (2 + 2), b: 0
        "single/accuracy": 1.0,
        "single/macro_f1": 1.0,
        "mean": 0.7917,
    }


def test_corpora_without_labelled_items_have_no_scores_of_their_own() -> None:
    scores = Scores(BOTH)
    parts = {"one": part("one", [None]), "two": part("two", [0])}
    logits = {"both": make_logits("aa"), "single": make_logits("a")}
    scores.update(logits, collate(parts, BOTH, 0))
    metrics = ("both/accuracy", "both/macro_f1", "both@two/accuracy", "both@two/macro_f1")
    values = scores.compute()
    assert set(values) == {*metrics, "both/loss", "mean"}
    assert {float(values[name]) for name in metrics} == {1.0}


class Certain(AdditiveMetric):
    """The share of texts whose label has at least a given probability.

    Args:
        least: The smallest probability that counts.
    """

    def __init__(self, least: float) -> None:
        super().__init__((2,))
        self.least = least

    def observe(self, gold: Prediction, predicted: Prediction) -> Floats:
        assert isinstance(predicted, TextPrediction)
        return np.array([predicted.labels[0].score >= self.least, 1.0])

    def value(self, sums: Floats) -> Floats:
        return ratio(sums[..., 0], sums[..., 1])


class Cautious(SequenceClassification):
    """A task with a metric in two settings."""

    def metrics(self) -> dict[str, TaskMetric]:
        return {**super().metrics(), "mild": Certain(0.6), "strict": Certain(0.9)}


def test_metric_with_two_settings_has_two_values() -> None:
    tasks = {"seen": Cautious(corpus="seen", layer="polarity", labels=LABELS)}
    scores = Scores(tasks)
    log_probabilities = torch.tensor([[0.95, 0.05], [0.7, 0.3], [0.45, 0.55], [0.2, 0.8]]).log()
    rows = collate({"seen": part("seen", [0, 0, 0, 0])}, tasks, 0)
    for _ in range(2):
        scores.update({"seen": {"logits": log_probabilities}}, rows)
        values = scores.compute()
        assert float(values["seen/mild"]) == 0.75
        assert float(values["seen/strict"]) == 0.25
        assert float(values["seen/accuracy"]) == 0.5


def test_names_of_scores() -> None:
    names = ("val/both@one/macro_f1", "test/both/accuracy", "mean", "both/loss")
    assert [higher_is_better(name, BOTH) for name in names] == [True, True, True, False]
    assert all(is_share(name, BOTH) for name in names[:3])
