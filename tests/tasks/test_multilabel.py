"""Any number of labels per text: targets, loss, metrics and answers."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.tasks import MultiLabelClassification
from arabic_mtl.text import TextPipeline
from support.tokens import blank

TASK = MultiLabelClassification(corpus="reviews", layer="category", labels=("A", "B", "C"))
rows_of_bits = st.lists(
    st.tuples(*[st.tuples(*[st.integers(0, 1)] * 3)] * 2), min_size=1, max_size=20
)


def tokens(rows: int) -> Tokens:
    return blank(rows, 2)


def said(*labels: int) -> dict[str, Any]:
    """What is right of a text of whose words nothing is known."""
    return {"labels": list(labels), "spans": None}


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


@pytest.mark.parametrize(
    ("labels", "target"),
    [({"category": ("C", "A")}, [2, 0]), ({"category": ()}, []), ({"entity": ("A",)}, None)],
)
def test_targets(
    text: TextPipeline, labels: dict[str, tuple[str, ...]], target: list[int] | None
) -> None:
    (encoding,) = text.encode(["نص"], [None])
    expected = None if target is None else said(*target)
    assert TASK.targets(Example(id="1", group="1", text="نص", labels=labels), encoding) == expected


def test_undeclared_label_is_refused(text: TextPipeline) -> None:
    (encoding,) = text.encode(["نص"], [None])
    example = Example(id="1", group="1", text="نص", labels={"category": ("A", "D")})
    with pytest.raises(InputError, match="«D»"):
        TASK.targets(example, encoding)


def test_collate() -> None:
    collated = TASK.collate([said(2, 0), None, said(), said(1, 1)], tokens(4))
    labels = collated["labels"]
    assert labels.tolist() == [[1, 0, 1], [-100, -100, -100], [0, 0, 0], [0, 1, 0]]
    assert collated["spans"].shape == (0, 4)
    assert collated["words"].tolist() == [[-1, -1]] * 4
    assert TASK.collate([], tokens(0))["labels"].shape == (0, 3)
    assert labels.dtype == torch.long


def test_loss_sums_over_labels_and_counts_rows() -> None:
    logits = torch.tensor([[0.0, 2.0, -1.0], [9.0, 9.0, 9.0]])
    total, count = TASK.loss(logits, TASK.collate([said(1), None], tokens(2)))
    by_hand = math.log(2) + math.log1p(math.exp(-2)) + math.log1p(math.exp(-1))
    assert total.item() == pytest.approx(by_hand, rel=1e-6)
    assert count.item() == 1


@pytest.mark.parametrize("values", [[], [None]])
def test_loss_without_labelled_rows_is_zero(values: list[None]) -> None:
    logits = torch.randn(len(values), 3, requires_grad=True)
    total, count = TASK.loss(logits, TASK.collate(values, tokens(len(values))))
    assert (total.item(), count.item()) == (0.0, 0)
    total.backward()


@given(rows=rows_of_bits)
def test_metrics_equal_sklearn(rows: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    found, gold = [list(row[0]) for row in rows], [list(row[1]) for row in rows]
    values = [said(*[n for n, bit in enumerate(bits) if bit]) for bits in gold]
    metrics, count = TASK.build_metrics(), len(rows) + 1
    logits = torch.tensor([*found, [1, 1, 1]]).float() - 0.5  # all within 0..1 or not
    TASK.update(metrics, logits, tokens(count), TASK.collate([*values, None], tokens(count)))
    scores = metrics.compute()
    micro = f1_score(gold, found, average="micro", zero_division=0)
    assert scores[TASK.main_metric].item() == pytest.approx(micro, abs=1e-6)
    macro = f1_score(gold, found, average="macro", zero_division=0)
    assert scores["macro_f1"].item() == pytest.approx(macro, abs=1e-6)


def test_logits_between_zero_and_one_are_not_taken_for_probabilities() -> None:
    metrics = TASK.build_metrics()
    logits = torch.tensor([[0.1, 0.2, 0.3]])  # all of them above one half once squashed
    TASK.update(metrics, logits, tokens(1), TASK.collate([said(0, 1, 2)], tokens(1)))
    assert metrics.compute()["micro_f1"].item() == 1.0


def test_decode_sorts_by_probability_and_keeps_the_threshold() -> None:
    logits = torch.tensor([[logit(0.6), logit(0.2), logit(0.9)], [-9.0, -9.0, -9.0]])
    assert TASK.decode(logits, tokens(2), {}) == [
        [{"label": "C", "score": 0.9}, {"label": "A", "score": 0.6}],
        [],
    ]
    assert TASK.decode(torch.empty(0, 3), tokens(0), {}) == []


def test_threshold_counts_for_answers_and_metrics() -> None:
    strict = MultiLabelClassification(
        corpus="reviews", layer="category", labels=("A", "B", "C"), threshold=0.8
    )
    logits = torch.tensor([[logit(0.6), logit(0.2), logit(0.9)]])
    assert strict.decode(logits, tokens(1), {}) == [[{"label": "C", "score": 0.9}]]
    metrics = strict.build_metrics()
    strict.update(metrics, logits, tokens(1), strict.collate([said(2)], tokens(1)))
    assert metrics.compute()["micro_f1"].item() == 1.0
    assert strict.identity == TASK.identity


def test_frequencies_and_constant() -> None:
    targets = TASK.collate([said(0, 2), None, said(2), said()], tokens(4))
    assert TASK.frequencies(targets).tolist() == [1, 0, 2]
    answers = TASK.decode(TASK.constant(2, targets), tokens(4), targets)
    assert [[label["label"] for label in row] for row in answers] == [["C"]] * 4


@pytest.mark.parametrize("rows", [0, 2])
def test_head(rows: int) -> None:
    head = TASK.build_head(8, 0.1)
    assert head(torch.randn(rows, 2, 8), tokens(rows), {}).shape == (rows, 3)
