"""One label per text: targets, loss and predictions, and metrics compared with scikit-learn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from arabic_mtl.documents import Example, LabelScore, TextPrediction
from arabic_mtl.errors import InputError
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.tasks import LabelPair, SequenceClassification
from arabic_mtl.text import Encoding, TextPipeline
from support.predictions import approx, compute_scores, gold_text, predicted_labels
from support.tokens import blank

LABELS = ("positive", "negative", "neutral")
TASK = SequenceClassification(corpus="reviews", layer="polarity", labels=LABELS)


def tokens(rows: int) -> Tokens:
    return blank(rows, 3)


def encoding(text: TextPipeline) -> Encoding:
    return text.encode(["نص"], [None])[0]


def example(**layers: tuple[str, ...]) -> Example:
    return Example(id="1", group="1", text="نص", labels=layers)


@pytest.mark.parametrize(
    ("layers", "target"),
    [({"polarity": ("negative",)}, 1), ({}, None), ({"category": ("A#B",)}, None)],
)
def test_targets(text: TextPipeline, layers: dict[str, Any], target: int | None) -> None:
    assert TASK.targets(example(**layers), encoding(text)) == target


def test_undeclared_label_is_rejected(text: TextPipeline) -> None:
    with pytest.raises(InputError) as caught:
        TASK.targets(example(polarity=("conflict",)), encoding(text))
    assert "'polarity'" in caught.value.rule
    assert caught.value.found == "«conflict»"
    assert caught.value.expected == "positive, negative, neutral"


@pytest.mark.parametrize("labels", [(), ("positive", "negative")])
def test_several_labels_or_none_are_rejected(text: TextPipeline, labels: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        TASK.targets(example(polarity=labels), encoding(text))
    assert "'polarity'" in caught.value.rule
    assert caught.value.found == list(labels)


@pytest.mark.parametrize("labels", [(), ("a", "b", "a")])
def test_labels_are_declared_once_each(labels: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        SequenceClassification(corpus="reviews", layer="polarity", labels=labels)
    assert caught.value.found == list(labels)


@pytest.mark.parametrize(
    ("values", "labels"), [([], []), ([2, None, 0], [2, -100, 0]), ([None], [-100])]
)
def test_collate(values: Sequence[int | None], labels: list[int]) -> None:
    collated = TASK.collate(values, tokens(len(values)))["labels"]
    assert collated.tolist() == labels
    assert (collated.dtype, collated.shape) == (torch.long, (len(values),))


def test_loss_is_a_sum_over_labelled_rows() -> None:
    logits = torch.tensor([[2.0, 0.0, 0.0], [9.0, 9.0, 9.0], [0.0, 0.0, 1.0]])
    total, count = TASK.loss({"logits": logits}, TASK.collate([0, None, 1], tokens(3)))
    first = math.log(math.exp(2) + 2) - 2
    third = math.log(math.e + 2)
    assert total.item() == pytest.approx(first + third, rel=1e-6)
    assert count.item() == 2


@pytest.mark.parametrize("values", [[], [None, None]])
def test_loss_without_labelled_rows_is_zero(values: list[None]) -> None:
    logits = torch.randn(len(values), 3, requires_grad=True)
    total, count = TASK.loss({"logits": logits}, TASK.collate(values, tokens(len(values))))
    assert (total.item(), count.item()) == (0.0, 0)
    total.backward()
    assert logits.grad is not None
    assert not logits.grad.any()


@given(pairs=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_metrics_equal_sklearn(pairs: list[tuple[int, int]]) -> None:
    predicted, gold = ([pair[n] for pair in pairs] for n in (0, 1))
    values, rows = [*gold, None], tokens(len(gold) + 1).encodings()
    predictions = TASK.decode({"logits": torch.eye(3)[[*predicted, 0]]}, rows, values)
    scores = compute_scores(TASK, values, rows, predictions)
    assert TASK.main_metric in scores
    assert scores["accuracy"] == pytest.approx(accuracy_score(gold, predicted))
    present = sorted({*gold, *predicted})
    macro = f1_score(gold, predicted, labels=present, average="macro", zero_division=0)
    assert scores["macro_f1"] == pytest.approx(macro, abs=1e-6)


def test_decode_returns_the_likeliest_label_and_its_probability() -> None:
    logits = torch.tensor([[0.0, math.log(3), 0.0], [5.0, 5.0, 50.0]])
    assert TASK.decode({"logits": logits}, tokens(2).encodings(), [0, None]) == [
        TextPrediction(
            (LabelScore("negative", approx(0.6)),), (approx(0.2), approx(0.6), approx(0.2))
        ),
        TextPrediction(
            (LabelScore("neutral", approx(1.0)),), (approx(0.0), approx(0.0), approx(1.0))
        ),
    ]
    assert TASK.decode({"logits": torch.empty(0, 3)}, [], []) == []


def test_gold_label_has_score_one() -> None:
    assert TASK.gold(2, tokens(1).encodings()[0]) == gold_text("neutral")
    assert TASK.gold_queries([2, None]) is None


def test_decision_is_about_the_label_of_a_text() -> None:
    gold, prediction = gold_text("neutral"), TextPrediction((LabelScore("negative", 0.6),))
    assert list(TASK.decisions(gold, prediction)) == [LabelPair("neutral", "negative", 0.6)]
    assert list(TASK.confidences(gold, prediction)) == [(0.6, False)]
    assert list(TASK.confidences(gold_text("negative"), prediction)) == [(0.6, True)]


def test_tally_and_constant() -> None:
    targets = TASK.collate([1, None, 1, 2], tokens(4))
    assert TASK.tally(targets).tolist() == [0, 2, 1]
    logits = TASK.constant(TASK.tally(targets), targets)
    assert logits["logits"].shape == (4, 3)
    predictions = TASK.decode(logits, tokens(4).encodings(), [1, None, 1, 2])
    assert predicted_labels(predictions) == [["negative"]] * 4


@pytest.mark.parametrize("rows", [0, 3])
def test_head(rows: int) -> None:
    head = TASK.build_head(8, 0.0)
    hidden = torch.randn(rows, 3, 8)
    targets = TASK.collate([0] * rows, tokens(rows))
    assert head(hidden, tokens(rows), targets)["logits"].shape == (rows, 3)


def test_head_ignores_padding() -> None:
    head, short = TASK.build_head(8, 0.0), torch.randn(1, 3, 8)
    padded = torch.cat([short, torch.full((1, 2, 8), 100.0)], dim=1)
    mask = torch.tensor([[1, 1, 1, 0, 0]])
    wide = Tokens(**dict.fromkeys(vars(tokens(1)), mask))
    expected = head(short, tokens(1), {})
    torch.testing.assert_close(head(padded, wide, {}), expected)
