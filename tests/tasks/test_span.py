"""Span classification: offsets, pooling, and spans that another task predicts."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pytest
import torch
from sklearn.metrics import f1_score

from arabic_mtl.decoders import SpanCondition, SpanQuery
from arabic_mtl.documents import (
    Example,
    Span,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
)
from arabic_mtl.errors import InputError
from arabic_mtl.tasks import LabelPair, SpanClassification
from arabic_mtl.tasks.base import Dependency
from arabic_mtl.text import Encoding, TextPipeline
from support.messages import assert_names
from support.predictions import approx, compute_scores, predicted_labels
from support.tokens import pad

LABELS = ("positive", "negative", "neutral")
TASK = SpanClassification(corpus="reviews", layer="polarity", labels=LABELS, spans_from="ner")
RAW = "والغرفة نظيفة"


def encode(text: TextPipeline, *texts: str) -> list[Encoding]:
    return text.encode(texts, [None] * len(texts))


def targets(text: TextPipeline, *spans: Span) -> Any:
    example = Example(id="1", group="1", text=RAW, spans={"polarity": spans})
    return TASK.targets(example, encode(text, RAW)[0])


def test_targets_are_raw_offsets_and_tokens(text: TextPipeline) -> None:
    target, part, null = Span(1, 7, "negative"), Span(9, 11, "positive"), Span(0, 0, "neutral")
    assert targets(text, target, part, null) == [
        [1, 7, 2, 3, 1, -1],
        [9, 11, 3, 4, 0, -1],
        [0, 0, 0, 5, 2, -1],
    ]
    assert targets(text, Span(0, 13, "neutral")) == [[0, 13, 1, 4, 2, -1]]
    assert targets(text) == []
    unlabelled = Example(id="1", group="1", text=RAW)
    assert TASK.targets(unlabelled, encode(text, RAW)[0]) is None


def test_span_without_tokens_gets_the_whole_input(text: TextPipeline) -> None:
    raw = "جميل \u064b جدا"  # a mark without a letter
    example = Example(id="1", group="1", text=raw, spans={"polarity": (Span(5, 6, "neutral"),)})
    (encoding,) = encode(text, raw)
    token_range = [0, len(encoding)]
    assert encoding.tokens_within(5, 6) == (0, len(encoding))
    assert TASK.targets(example, encoding) == [[5, 6, *token_range, 2, -1]]


def test_undeclared_label_is_rejected(text: TextPipeline) -> None:
    with pytest.raises(InputError, match="«conflict»"):
        targets(text, Span(1, 7, "conflict"))


def test_collate_numbers_the_rows(text: TextPipeline) -> None:
    tokens = pad(encode(text, RAW, RAW, RAW))
    values = [[[1, 7, 2, 3, 1, -1], [0, 0, 0, 5, 2, 6]], None, [[8, 13, 3, 4, 0, 0]]]
    collated = TASK.collate(values, tokens)
    assert collated["spans"].tolist() == [[0, 1, 7, 2, 3], [0, 0, 0, 0, 5], [2, 8, 13, 3, 4]]
    assert collated["labels"].tolist() == [1, 2, 0]
    assert collated["conditions"].tolist() == [-1, 6, 0]


@pytest.mark.parametrize("values", [[], [None, []]])
def test_collate_without_spans(text: TextPipeline, values: list[Any]) -> None:
    tokens = pad(encode(text, RAW, RAW))[0 : len(values)]
    collated = TASK.collate(values, tokens)
    assert collated["spans"].shape == (0, 5)
    assert collated["labels"].shape == collated["conditions"].shape == (0,)
    logits = TASK.build_head(8, 0.0)(torch.randn(len(values), 5, 8), tokens, collated)
    assert logits["logits"].shape == (0, 3)
    total, count = TASK.loss(logits, collated)
    assert (total.item(), count.item()) == (0.0, 0)
    total.backward()
    rows = tokens.encodings()
    predictions = TASK.decode(logits, rows, values)
    assert predictions == [SpansPrediction(()) for _ in values]
    assert compute_scores(TASK, values, rows, predictions) == {"accuracy": 0.0, "macro_f1": 0.0}


def test_loss_sums_over_spans() -> None:
    logits = {"logits": torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]])}
    total, count = TASK.loss(logits, {"labels": torch.tensor([0, 1])})
    expected = (math.log(math.exp(2) + 2) - 2) + math.log(math.e + 2)
    assert total.item() == pytest.approx(expected, rel=1e-6)
    assert count.item() == 2


def test_decode_puts_each_span_in_its_row(text: TextPipeline) -> None:
    values = [[[1, 7, 2, 3, 1, -1], [0, 0, 0, 5, 2, -1]], [], [[8, 13, 3, 4, 0, -1]]]
    logits = torch.tensor([[0.0, math.log(3), 0.0], [50.0, 0.0, 0.0], [0.0, 0.0, math.log(2)]])
    fifth, quarter = approx(0.2), approx(0.25)
    assert TASK.decode({"logits": logits}, encode(text, RAW, RAW, RAW), values) == [
        SpansPrediction(
            (
                SpanPrediction(1, 7, "negative", approx(0.6), None, (fifth, approx(0.6), fifth)),
                SpanPrediction(
                    0, 0, "positive", approx(1), None, (approx(1), approx(0), approx(0))
                ),
            )
        ),
        SpansPrediction(()),
        SpansPrediction(
            (SpanPrediction(8, 13, "neutral", approx(0.5), None, (quarter, quarter, approx(0.5))),)
        ),
    ]


def test_gold_spans_are_the_queries_in_their_order(text: TextPipeline) -> None:
    values = [[[1, 7, 2, 3, 1, -1], [0, 0, 0, 5, 2, 6]], None, []]
    assert TASK.gold_queries(values) == [
        [SpanQuery(1, 7, 2, 3), SpanQuery(0, 0, 0, 5, 6)],
        [],
        [],
    ]
    spans = SpanPrediction(1, 7, "negative"), SpanPrediction(0, 0, "neutral")
    (row,) = encode(text, RAW)
    assert [TASK.gold(value, row) for value in values if value is not None] == [
        SpansPrediction(spans),
        SpansPrediction(()),
    ]


def test_decisions_are_about_gold_spans() -> None:
    gold = SpansPrediction((SpanPrediction(1, 7, "negative"), SpanPrediction(0, 0, "neutral")))
    prediction = SpansPrediction(
        (SpanPrediction(1, 7, "negative", 0.6), SpanPrediction(0, 0, "positive", 0.7))
    )
    assert list(TASK.decisions(gold, prediction)) == [
        LabelPair("negative", "negative", 0.6, (1, 7)),
        LabelPair("neutral", "positive", 0.7, (0, 0)),
    ]
    assert list(TASK.confidences(gold, prediction)) == [(0.6, True), (0.7, False)]


def test_head_depends_on_span_text_and_null_flag(text: TextPipeline) -> None:
    head, tokens = TASK.build_head(4, 0.0), pad(encode(text, RAW, "الغرفة"))
    hidden = torch.randn(2, 5, 4)
    spans = [[0, 1, 7, 2, 3], [0, 0, 0, 0, 5], [0, 0, 13, 1, 4], [1, 0, 6, 1, 2]]
    logits = head(hidden, tokens, {"spans": torch.tensor(spans)})["logits"]
    assert logits.shape == (4, 3)
    text_0 = torch.cat([hidden[0, 0], hidden[0].mean(dim=0), hidden[0].amax(dim=0)])
    text_1 = torch.cat([hidden[1, 0], hidden[1, :3].mean(dim=0), hidden[1, :3].amax(dim=0)])
    features = [
        torch.cat([hidden[0, 2], text_0, torch.zeros(1)]),
        torch.cat([hidden[0].mean(dim=0), text_0, torch.ones(1)]),
        torch.cat([hidden[0, 1:4].mean(dim=0), text_0, torch.zeros(1)]),
        torch.cat([hidden[1, 1], text_1, torch.zeros(1)]),
    ]
    mixed = torch.nn.functional.gelu(head.hidden(torch.stack(features)))
    torch.testing.assert_close(logits, head.output(mixed))


def test_metrics_count_every_span(text: TextPipeline) -> None:
    rows = encode(text, RAW, RAW)
    gold = [0, 1, 2, 0]
    predicted = [0, 1, 0, 2]
    values = [[[0, 0, 0, 5, label, -1] for label in gold[:3]], [[1, 7, 2, 3, gold[3], -1]]]
    scores = compute_scores(
        TASK, values, rows, TASK.decode({"logits": torch.eye(3)[predicted]}, rows, values)
    )
    assert scores["accuracy"] == 0.5
    expected = f1_score(gold, predicted, average="macro", zero_division=0)
    assert scores[TASK.main_metric] == pytest.approx(expected)


def test_tally_and_constant(text: TextPipeline) -> None:
    values = [[[0, 0, 0, 5, 1, -1], [1, 7, 2, 3, 1, -1]], [[0, 0, 0, 5, 2, -1]]]
    rows = encode(text, RAW, RAW)
    collated = TASK.collate(values, pad(rows))
    assert TASK.tally(collated).tolist() == [0, 2, 1]
    predictions = TASK.decode(TASK.constant(TASK.tally(collated), collated), rows, values)
    assert predicted_labels(predictions) == [["negative", "negative"], ["negative"]]


ASPECTS = ("ROOMS#GENERAL", "ROOMS_AMENITIES#QUALITY", "HOTEL#GENERAL", "HOTEL#PRICES")
CONDITIONED = SpanClassification(
    corpus="reviews",
    layer="polarity",
    labels=LABELS,
    spans_from="ner",
    condition=SpanCondition(layer="aspect", labels=ASPECTS, predicted_by="category"),
)


def with_conditions(
    text: TextPipeline, polarity: tuple[Span, ...], aspect: tuple[Span, ...] | None
) -> Any:
    spans = {"polarity": polarity} | ({} if aspect is None else {"aspect": aspect})
    example = Example(id="1", group="1", text=RAW, spans=spans)
    return CONDITIONED.targets(example, encode(text, RAW)[0])


def test_condition_of_each_span_is_in_its_target(text: TextPipeline) -> None:
    polarity = (Span(0, 0, "neutral"), Span(1, 7, "negative"), Span(1, 7, "positive"))
    aspect = (Span(0, 0, "HOTEL#PRICES"), Span(1, 7, "ROOMS#GENERAL"), Span(1, 7, "HOTEL#GENERAL"))
    assert with_conditions(text, polarity, aspect) == [
        [0, 0, 0, 5, 2, 3],
        [1, 7, 2, 3, 1, 0],
        [1, 7, 2, 3, 0, 2],
    ]
    assert with_conditions(text, (), ()) == with_conditions(text, (), None) == []
    unlabelled = Example(id="1", group="1", text=RAW)
    assert CONDITIONED.targets(unlabelled, encode(text, RAW)[0]) is None


def test_undeclared_condition_is_rejected(text: TextPipeline) -> None:
    with pytest.raises(InputError) as caught:
        with_conditions(text, (Span(1, 7, "negative"),), (Span(1, 7, "HOTEL#COMFORT"),))
    assert_names(caught.value.rule, "'aspect'", "condition.labels")
    assert caught.value.found == "«HOTEL#COMFORT»"
    assert caught.value.expected == ", ".join(ASPECTS)


@pytest.mark.parametrize("labels", [(), ("HOTEL#PRICES", "HOTEL#PRICES")])
def test_conditions_are_distinct(labels: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        SpanCondition(layer="aspect", labels=labels)
    assert caught.value.found == f"condition.labels: {list(labels)}"


def test_condition_has_a_label() -> None:
    assert CONDITIONED.condition is not None
    assert [CONDITIONED.condition.label(number) for number in (-1, 0, 3)] == [
        "",
        ASPECTS[0],
        ASPECTS[3],
    ]
    assert "aspect" not in TASK.gold_inputs
    assert CONDITIONED.gold_inputs.startswith(TASK.gold_inputs)
    assert "aspect" in CONDITIONED.gold_inputs


@pytest.mark.parametrize(
    ("aspect", "found"),
    [
        ((Span(1, 7, "ROOMS#GENERAL"),), ["1", "2"]),
        ((Span(8, 13, "HOTEL#PRICES"), Span(1, 7, "ROOMS#GENERAL")), ["2", "2"]),
        (None, ["0", "2"]),
    ],
    ids=["one is missing", "another order", "no such layer"],
)
def test_condition_layer_with_other_spans_is_rejected(
    text: TextPipeline, aspect: tuple[Span, ...] | None, found: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        with_conditions(text, (Span(1, 7, "negative"), Span(8, 13, "positive")), aspect)
    assert_names(caught.value.rule, "'aspect'", "'polarity'")
    assert re.findall(r"\d+", str(caught.value.found)) == found


def test_sources_of_a_span_task() -> None:
    assert TASK.sources == (Dependency("spans_from", "ner", SpansPrediction),)
    dependency = Dependency("condition.predicted_by", "category", TextPrediction, ASPECTS)
    assert CONDITIONED.sources == (*TASK.sources, dependency)
    assert (
        replace(CONDITIONED, condition=SpanCondition(layer="aspect", labels=ASPECTS)).sources
        == TASK.sources
    )


def test_identity_includes_the_condition_but_not_its_predictor() -> None:
    condition = CONDITIONED.condition
    assert condition is not None
    assert CONDITIONED.span_layers == {"condition.layer": "aspect"}
    assert TASK.span_layers == {}
    assert (
        CONDITIONED.identity
        == replace(CONDITIONED, condition=replace(condition, predicted_by=None)).identity
    )
    assert CONDITIONED.identity == replace(CONDITIONED, window=3, attention=True).identity
    changed_tasks = [
        replace(CONDITIONED, condition=None),
        replace(CONDITIONED, condition=replace(condition, layer="category")),
    ]
    changed_tasks += [replace(CONDITIONED, condition=replace(condition, labels=ASPECTS[:2]))]
    assert all(changed_task.identity != CONDITIONED.identity for changed_task in changed_tasks)


def test_label_weights_scale_the_loss() -> None:
    task = replace(TASK, label_weights={"negative": 2.5})
    logits = {"logits": torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]])}
    total, count = task.loss(logits, {"labels": torch.tensor([0, 1])})
    expected = (math.log(math.exp(2) + 2) - 2) + 2.5 * math.log(math.e + 2)
    assert total.item() == pytest.approx(expected, rel=1e-6)
    assert count.item() == 2


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"window": -1}, "-1"),
        ({"label_weights": {"negativ": 2.0}}, "«negativ»"),
        ({"label_weights": {"neutral": 0.0}}, "neutral: 0.0"),
        ({"label_weights": {"neutral": math.nan}}, "neutral: nan"),
    ],
)
def test_invalid_settings_are_rejected(options: dict[str, Any], found: str) -> None:
    with pytest.raises(InputError) as caught:
        replace(TASK, **options)
    assert str(caught.value.found) == found
