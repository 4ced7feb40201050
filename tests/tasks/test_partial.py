"""Corpora that annotate a part of a task's labels: the other labels have no loss and no score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from arabic_mtl.model.heads import Logits
from arabic_mtl.model.tokens import Targets
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    TokenClassification,
)
from arabic_mtl.tasks.batch import CorpusRows, collate
from arabic_mtl.tasks.labels import LabelTask
from arabic_mtl.tasks.losses import IGNORED
from arabic_mtl.tasks.partial import ANNOTATED, annotated_labels, label_sets, restrict
from arabic_mtl.tasks.scores import Scores
from arabic_mtl.text.encoding import FIELDS
from arabic_mtl.training.losses import sum_losses
from support.predictions import predicted_labels

LABELS, KNOWN = ("a", "b", "c"), ("a", "c")
OPTIONS: dict[str, Any] = {"corpus": ("whole", "part"), "layer": "x"}
ANNOTATES: dict[str, Sequence[str] | None] = {"whole": None, "part": KNOWN}
SEQUENCE = SequenceClassification(labels=LABELS, **OPTIONS)


def values(*shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(*shape, generator=generator).requires_grad_()


def loss(task: LabelTask[Any], logits: Logits, targets: Targets) -> Tensor:
    """Returns the summed loss of one task, as training computes it."""
    sums, _ = sum_losses({"task": task}, {"task": logits}, {"task": targets})
    return sums[0]


def test_label_sets_hold_the_corpora_that_annotate_a_part() -> None:
    sets = label_sets({"task": SEQUENCE}, ANNOTATES)
    assert {corpus: flags.tolist() for corpus, flags in sets["task"].items()} == {
        "part": [True, False, True]
    }
    assert label_sets({"task": SEQUENCE}, {"part": LABELS}) == {}
    assert label_sets({"task": SEQUENCE}, {"part": ("z",)}) == {}  # labels of another task
    flags = annotated_labels(sets["task"], {"whole": 1, "part": 2}, 3)
    assert flags.tolist() == [[True, True, True], [True, False, True], [True, False, True]]
    assert annotated_labels(sets["task"], {}, 3).shape == (0, 3)


def test_one_label_is_chosen_from_the_annotated_ones() -> None:
    logits = values(2, 3)
    annotated = torch.tensor([[True, False, True], [True, True, True]])
    targets = {"labels": torch.tensor([2, 1]), ANNOTATED: annotated}
    total = loss(SEQUENCE, {"logits": logits}, targets)
    first = torch.nn.functional.cross_entropy(logits[0, [0, 2]], torch.tensor(1))
    second = torch.nn.functional.cross_entropy(logits[1], torch.tensor(1))
    torch.testing.assert_close(total, first + second)
    total.backward()
    assert logits.grad is not None
    assert (logits.grad == 0).tolist() == [[False, True, False], [False, False, False]]


def test_labels_that_are_not_annotated_are_no_negatives() -> None:
    task = MultiLabelClassification(labels=LABELS, **OPTIONS)
    logits, annotated = values(1, 3), torch.tensor([[True, False, True]])
    targets = {"labels": torch.tensor([[0, 0, 1]]), ANNOTATED: annotated}
    total = loss(task, {"logits": logits}, targets)
    kept = logits[:, [0, 2]]
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        kept, torch.tensor([[0.0, 1.0]]), reduction="sum"
    )
    torch.testing.assert_close(total, expected)


def test_spans_have_annotated_labels() -> None:
    task = SpanClassification(labels=LABELS, **OPTIONS)
    logits, annotated = values(2, 3), torch.tensor([[True, True, True], [True, False, True]])
    spans = torch.tensor([[1, 0, 1, 0, 1], [0, 0, 1, 0, 1]])  # of the second row, and the first
    targets = {"labels": torch.tensor([0, 1]), "spans": spans, ANNOTATED: annotated}
    total = loss(task, {"logits": logits}, targets)
    first = torch.nn.functional.cross_entropy(logits[0, [0, 2]], torch.tensor(0))
    second = torch.nn.functional.cross_entropy(logits[1], torch.tensor(1))
    torch.testing.assert_close(total, first + second)


@pytest.mark.parametrize("crf", [False, True])
def test_words_have_annotated_tags(crf: bool) -> None:
    """The loss is that of a task that declares the annotated labels only."""
    task = TokenClassification(labels=LABELS, trim=0, crf=crf, **OPTIONS)
    small = TokenClassification(labels=KNOWN, trim=0, crf=crf, **OPTIONS)
    kept = [0, 1, 2, 5, 6]  # O, and B and I of a and c
    logits = {"tags": values(1, 4, 7), "trim_start": values(1, 4, 1), "trim_end": values(1, 4, 1)}
    few = logits | {"tags": logits["tags"][..., kept]}
    if crf:
        transitions = values(7, 7)
        logits["transitions"], few["transitions"] = transitions, transitions[kept][:, kept]
    trims = [[IGNORED, IGNORED]] * 4
    tags = torch.tensor([[[tag, *trim] for tag, trim in zip([0, 1, 2, 5], trims, strict=True)]])
    own = torch.tensor([[[tag, *trim] for tag, trim in zip([0, 1, 2, 3], trims, strict=True)]])
    targets = {"labels": tags, ANNOTATED: torch.tensor([[True, False, True]])}
    torch.testing.assert_close(loss(task, logits, targets), loss(small, few, {"labels": own}))


def test_without_partial_corpora_logits_stay_the_same() -> None:
    logits = {"logits": values(2, 3)}
    assert restrict(SEQUENCE, logits, {"labels": torch.tensor([0, 1])}) is logits


def test_predictions_and_scores_have_annotated_labels() -> None:
    """The likeliest label is b; where b is not annotated, it is c."""
    tasks, columns = {"task": SEQUENCE}, {name: [[1], [1]] for name in FIELDS}
    parts = {
        "part": CorpusRows({**columns, "number": [0, 1], "task_task": [2, 0]}),
        "whole": CorpusRows({**columns, "number": [0, 1], "task_task": [1, None]}),
    }
    scores = Scores(tasks)
    batch = collate(parts, tasks, 0, label_sets(tasks, ANNOTATES))
    decoded = scores.update(
        {"task": {"logits": torch.tensor([[0.0, 9.0, 3.0]]).expand(4, -1)}}, batch
    )
    assert predicted_labels(decoded["task"].predicted) == [["c"], ["c"], ["b"], ["b"]]
    values = {name: round(float(value), 4) for name, value in scores.compute().items()}
    assert values["task@part/accuracy"] == 0.5
    assert values["task@whole/accuracy"] == 1.0
    assert values["task/accuracy"] == round(2 / 3, 4)
