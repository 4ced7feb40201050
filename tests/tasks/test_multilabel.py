"""Any number of labels per text: targets, loss, metrics and predictions."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from arabic_mtl.documents import Example, LabelScore, TextPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.tasks import LabelPair, MultiLabelClassification
from arabic_mtl.text import TextPipeline
from support.predictions import approx, compute_scores, gold_text, predicted_labels
from support.tokens import blank

TASK = MultiLabelClassification(corpus="reviews", layer="category", labels=("A", "B", "C"))
rows_of_bits = st.lists(
    st.tuples(*[st.tuples(*[st.integers(0, 1)] * 3)] * 2), min_size=1, max_size=20
)


def tokens(rows: int) -> Tokens:
    return blank(rows, 2)


def make_target(*labels: int) -> dict[str, Any]:
    """Returns the target of a text without a layer of evidence."""
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
    expected = None if target is None else make_target(*target)
    assert TASK.targets(Example(id="1", group="1", text="نص", labels=labels), encoding) == expected


def test_undeclared_label_is_rejected(text: TextPipeline) -> None:
    (encoding,) = text.encode(["نص"], [None])
    example = Example(id="1", group="1", text="نص", labels={"category": ("A", "D")})
    with pytest.raises(InputError, match="«D»"):
        TASK.targets(example, encoding)


def test_collate() -> None:
    collated = TASK.collate([make_target(2, 0), None, make_target(), make_target(1, 1)], tokens(4))
    labels = collated["labels"]
    assert labels.tolist() == [[1, 0, 1], [-100, -100, -100], [0, 0, 0], [0, 1, 0]]
    assert collated["spans"].shape == (0, 4)
    assert collated["words"].tolist() == [[-1, -1]] * 4
    assert TASK.collate([], tokens(0))["labels"].shape == (0, 3)
    assert labels.dtype == torch.long


def test_loss_sums_over_labels_and_counts_rows() -> None:
    logits = torch.tensor([[0.0, 2.0, -1.0], [9.0, 9.0, 9.0]])
    total, count = TASK.loss({"logits": logits}, TASK.collate([make_target(1), None], tokens(2)))
    expected = math.log(2) + math.log1p(math.exp(-2)) + math.log1p(math.exp(-1))
    assert total.item() == pytest.approx(expected, rel=1e-6)
    assert count.item() == 1


@pytest.mark.parametrize("values", [[], [None]])
def test_loss_without_labelled_rows_is_zero(values: list[None]) -> None:
    logits = torch.randn(len(values), 3, requires_grad=True)
    total, count = TASK.loss({"logits": logits}, TASK.collate(values, tokens(len(values))))
    assert (total.item(), count.item()) == (0.0, 0)
    total.backward()


@given(rows=rows_of_bits)
def test_metrics_equal_sklearn(rows: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    predicted, gold = [list(row[0]) for row in rows], [list(row[1]) for row in rows]
    values = [*[make_target(*[n for n, bit in enumerate(bits) if bit]) for bits in gold], None]
    texts = tokens(len(values)).encodings()
    logits = torch.tensor([*predicted, [1, 1, 1]]).float() - 0.5  # -0.5 or 0.5
    scores = compute_scores(TASK, values, texts, TASK.decode({"logits": logits}, texts, values))
    micro = f1_score(gold, predicted, average="micro", zero_division=0)
    assert scores[TASK.main_metric] == pytest.approx(micro, abs=1e-6)
    occurring = [n for n in range(3) if any(bits[n] for bits in (*gold, *predicted))]
    macro = f1_score(gold, predicted, labels=occurring, average="macro", zero_division=0)
    assert scores["macro_f1"] == pytest.approx(macro if occurring else 0.0, abs=1e-6)


def test_logits_between_zero_and_one_are_not_probabilities() -> None:
    logits = torch.tensor([[0.1, 0.2, 0.3]])  # their sigmoids are above 0.5
    values, texts = [make_target(0, 1, 2)], tokens(1).encodings()
    predictions = TASK.decode({"logits": logits}, texts, values)
    assert compute_scores(TASK, values, texts, predictions)["micro_f1"] == 1.0


def test_decode_sorts_by_probability_and_keeps_the_threshold() -> None:
    logits = torch.tensor([[logit(0.6), logit(0.2), logit(0.9)], [-9.0, -9.0, -9.0]])
    prediction, empty = TASK.decode({"logits": logits}, tokens(2).encodings(), [None, None])
    assert prediction == TextPrediction(
        (LabelScore("C", approx(0.9)), LabelScore("A", approx(0.6))),
        (approx(0.6), approx(0.2), approx(0.9)),
    )
    assert isinstance(empty, TextPrediction)
    assert (empty.labels, len(empty.distribution)) == ((), 3)
    assert TASK.decode({"logits": torch.empty(0, 3)}, [], []) == []


def test_gold_labels_have_score_one() -> None:
    (row,) = tokens(1).encodings()
    assert TASK.gold(make_target(2, 0), row) == gold_text("C", "A")
    assert TASK.gold(make_target(), row) == gold_text()


def test_decisions_are_about_labels_that_are_gold_or_predicted() -> None:
    gold, distribution = gold_text("A", "B"), (0.75, 0.125, 0.25)
    prediction = TextPrediction((LabelScore("A", 0.75),), distribution)
    assert list(TASK.decisions(gold, prediction)) == [
        LabelPair("A", "A", 0.75),
        LabelPair("B", None, 0.875),
    ]
    assert list(TASK.decisions(gold_text(), prediction)) == [LabelPair(None, "A", 0.75)]
    assert list(TASK.confidences(gold, prediction)) == [(0.75, True), (0.125, True), (0.25, False)]


def test_threshold_applies_to_predictions_and_metrics() -> None:
    strict = MultiLabelClassification(
        corpus="reviews", layer="category", labels=("A", "B", "C"), threshold=0.8
    )
    logits = torch.tensor([[logit(0.6), logit(0.2), logit(0.9)]])
    values, texts = [make_target(2)], tokens(1).encodings()
    predictions = strict.decode({"logits": logits}, texts, values)
    assert predicted_labels(predictions) == [["C"]]
    assert compute_scores(strict, values, texts, predictions)["micro_f1"] == 1.0
    assert strict.identity == TASK.identity


def test_tally_and_constant() -> None:
    values = [make_target(0, 2), None, make_target(2), make_target()]
    targets = TASK.collate(values, tokens(4))
    assert TASK.tally(targets).tolist() == [1, 0, 2]
    logits = TASK.constant(TASK.tally(targets), targets)
    assert predicted_labels(TASK.decode(logits, tokens(4).encodings(), values)) == [["C"]] * 4


@pytest.mark.parametrize("rows", [0, 2])
def test_head(rows: int) -> None:
    head = TASK.build_head(8, 0.1)
    assert head(torch.randn(rows, 2, 8), tokens(rows), {})["logits"].shape == (rows, 3)
