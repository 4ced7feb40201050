"""A label for each given span: places, pooling, and spans that another task has found."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pytest
import torch
from sklearn.metrics import f1_score

from arabic_mtl.decoders import Given, SpanQuery
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
from support.predictions import labels_of, near, scores_of
from support.tokens import pad

LABELS = ("positive", "negative", "neutral")
TASK = SpanClassification(corpus="reviews", layer="polarity", labels=LABELS, spans_from="ner")
RAW = "والغرفة نظيفة"


def encode(text: TextPipeline, *texts: str) -> list[Encoding]:
    return text.encode(texts, [None] * len(texts))


def targets(text: TextPipeline, *spans: Span) -> Any:
    example = Example(id="1", group="1", text=RAW, spans={"polarity": spans})
    return TASK.targets(example, encode(text, RAW)[0])


def test_targets_are_raw_and_token_places(text: TextPipeline) -> None:
    named, within, null = Span(1, 7, "negative"), Span(9, 11, "positive"), Span(0, 0, "neutral")
    assert targets(text, named, within, null) == [
        [1, 7, 2, 3, 1, -1],
        [9, 11, 3, 4, 0, -1],
        [0, 0, 0, 5, 2, -1],
    ]
    assert targets(text, Span(0, 13, "neutral")) == [[0, 13, 1, 4, 2, -1]]
    assert targets(text) == []
    unlabelled = Example(id="1", group="1", text=RAW)
    assert TASK.targets(unlabelled, encode(text, RAW)[0]) is None


def test_span_without_tokens_gets_the_whole_input(text: TextPipeline) -> None:
    raw = "جميل \u064b جدا"  # a mark on nothing
    example = Example(id="1", group="1", text=raw, spans={"polarity": (Span(5, 6, "neutral"),)})
    (encoding,) = encode(text, raw)
    whole = [0, len(encoding)]
    assert encoding.tokens_within(5, 6) == (0, len(encoding))
    assert TASK.targets(example, encoding) == [[5, 6, *whole, 2, -1]]


def test_undeclared_label_is_refused(text: TextPipeline) -> None:
    with pytest.raises(InputError, match="«conflict»"):
        targets(text, Span(1, 7, "conflict"))


def test_collate_numbers_the_rows(text: TextPipeline) -> None:
    tokens = pad(encode(text, RAW, RAW, RAW))
    values = [[[1, 7, 2, 3, 1, -1], [0, 0, 0, 5, 2, 6]], None, [[8, 13, 3, 4, 0, 0]]]
    collated = TASK.collate(values, tokens)
    assert collated["spans"].tolist() == [[0, 1, 7, 2, 3], [0, 0, 0, 0, 5], [2, 8, 13, 3, 4]]
    assert collated["labels"].tolist() == [1, 2, 0]
    assert collated["given"].tolist() == [-1, 6, 0]


@pytest.mark.parametrize("values", [[], [None, []]])
def test_collate_without_spans(text: TextPipeline, values: list[Any]) -> None:
    tokens = pad(encode(text, RAW, RAW))[0 : len(values)]
    collated = TASK.collate(values, tokens)
    assert collated["spans"].shape == (0, 5)
    assert collated["labels"].shape == collated["given"].shape == (0,)
    logits = TASK.build_head(8, 0.0)(torch.randn(len(values), 5, 8), tokens, collated)
    assert logits["logits"].shape == (0, 3)
    total, count = TASK.loss(logits, collated)
    assert (total.item(), count.item()) == (0.0, 0)
    total.backward()
    rows = tokens.encodings()
    found = TASK.decode(logits, rows, values)
    assert found == [SpansPrediction(()) for _ in values]
    assert scores_of(TASK, values, rows, found) == {"accuracy": 0.0, "macro_f1": 0.0}


def test_loss_sums_over_spans() -> None:
    logits = {"logits": torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]])}
    total, count = TASK.loss(logits, {"labels": torch.tensor([0, 1])})
    by_hand = (math.log(math.exp(2) + 2) - 2) + math.log(math.e + 2)
    assert total.item() == pytest.approx(by_hand, rel=1e-6)
    assert count.item() == 2


def test_decode_puts_each_span_in_its_row(text: TextPipeline) -> None:
    values = [[[1, 7, 2, 3, 1, -1], [0, 0, 0, 5, 2, -1]], [], [[8, 13, 3, 4, 0, -1]]]
    logits = torch.tensor([[0.0, math.log(3), 0.0], [50.0, 0.0, 0.0], [0.0, 0.0, math.log(2)]])
    fifth, quarter = near(0.2), near(0.25)
    assert TASK.decode({"logits": logits}, encode(text, RAW, RAW, RAW), values) == [
        SpansPrediction(
            (
                SpanPrediction(1, 7, "negative", near(0.6), None, (fifth, near(0.6), fifth)),
                SpanPrediction(0, 0, "positive", near(1), None, (near(1), near(0), near(0))),
            )
        ),
        SpansPrediction(()),
        SpansPrediction(
            (SpanPrediction(8, 13, "neutral", near(0.5), None, (quarter, quarter, near(0.5))),)
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


def test_a_decision_is_about_a_given_span() -> None:
    right = SpansPrediction((SpanPrediction(1, 7, "negative"), SpanPrediction(0, 0, "neutral")))
    found = SpansPrediction(
        (SpanPrediction(1, 7, "negative", 0.6), SpanPrediction(0, 0, "positive", 0.7))
    )
    assert list(TASK.decisions(right, found)) == [
        LabelPair("negative", "negative", 0.6, (1, 7)),
        LabelPair("neutral", "positive", 0.7, (0, 0)),
    ]
    assert list(TASK.confidences(right, found)) == [(0.6, True), (0.7, False)]


def test_head_sees_the_span_its_text_and_whether_it_is_null(text: TextPipeline) -> None:
    head, tokens = TASK.build_head(4, 0.0), pad(encode(text, RAW, "الغرفة"))
    hidden = torch.randn(2, 5, 4)
    places = [[0, 1, 7, 2, 3], [0, 0, 0, 0, 5], [0, 0, 13, 1, 4], [1, 0, 6, 1, 2]]
    logits = head(hidden, tokens, {"spans": torch.tensor(places)})["logits"]
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
    found = [0, 1, 0, 2]
    values = [[[0, 0, 0, 5, label, -1] for label in gold[:3]], [[1, 7, 2, 3, gold[3], -1]]]
    scores = scores_of(
        TASK, values, rows, TASK.decode({"logits": torch.eye(3)[found]}, rows, values)
    )
    assert scores["accuracy"] == 0.5
    expected = f1_score(gold, found, average="macro", zero_division=0)
    assert scores[TASK.main_metric] == pytest.approx(expected)


def test_tally_and_constant(text: TextPipeline) -> None:
    values = [[[0, 0, 0, 5, 1, -1], [1, 7, 2, 3, 1, -1]], [[0, 0, 0, 5, 2, -1]]]
    rows = encode(text, RAW, RAW)
    collated = TASK.collate(values, pad(rows))
    assert TASK.tally(collated).tolist() == [0, 2, 1]
    found = TASK.decode(TASK.constant(TASK.tally(collated), collated), rows, values)
    assert labels_of(found) == [["negative", "negative"], ["negative"]]


ASPECTS = ("ROOMS#GENERAL", "ROOMS_AMENITIES#QUALITY", "HOTEL#GENERAL", "HOTEL#PRICES")
CONDITIONED = SpanClassification(
    corpus="reviews",
    layer="polarity",
    labels=LABELS,
    spans_from="ner",
    given=Given(layer="aspect", labels=ASPECTS, found_by="category"),
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


def test_undeclared_condition_is_refused(text: TextPipeline) -> None:
    with pytest.raises(InputError) as caught:
        with_conditions(text, (Span(1, 7, "negative"),), (Span(1, 7, "HOTEL#COMFORT"),))
    assert_names(caught.value.rule, "'aspect'", "given.labels")
    assert caught.value.found == "«HOTEL#COMFORT»"
    assert caught.value.expected == ", ".join(ASPECTS)


@pytest.mark.parametrize("labels", [(), ("HOTEL#PRICES", "HOTEL#PRICES")])
def test_conditions_are_distinct(labels: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        Given(layer="aspect", labels=labels)
    assert caught.value.found == f"given.labels: {list(labels)}"


def test_a_condition_has_a_name() -> None:
    assert CONDITIONED.given is not None
    assert [CONDITIONED.given.name(number) for number in (-1, 0, 3)] == ["", ASPECTS[0], ASPECTS[3]]
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
def test_layers_that_are_not_of_the_same_spans_are_refused(
    text: TextPipeline, aspect: tuple[Span, ...] | None, found: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        with_conditions(text, (Span(1, 7, "negative"), Span(8, 13, "positive")), aspect)
    assert_names(caught.value.rule, "'aspect'", "'polarity'")
    assert re.findall(r"\d+", str(caught.value.found)) == found


def test_its_sources() -> None:
    assert TASK.sources == (Dependency("spans_from", "ner", SpansPrediction),)
    by_category = Dependency("given.found_by", "category", TextPrediction, ASPECTS)
    assert CONDITIONED.sources == (*TASK.sources, by_category)
    assert replace(CONDITIONED, given=Given(layer="aspect", labels=ASPECTS)).sources == TASK.sources


def test_conditions_outdate_the_targets_but_not_the_task_that_predicts_them() -> None:
    given = CONDITIONED.given
    assert given is not None
    assert CONDITIONED.span_layers == {"given.layer": "aspect"}
    assert TASK.span_layers == {}
    assert (
        CONDITIONED.identity == replace(CONDITIONED, given=replace(given, found_by=None)).identity
    )
    assert CONDITIONED.identity == replace(CONDITIONED, window=3, attention=True).identity
    others = [
        replace(CONDITIONED, given=None),
        replace(CONDITIONED, given=replace(given, layer="category")),
    ]
    others += [replace(CONDITIONED, given=replace(given, labels=ASPECTS[:2]))]
    assert all(other.identity != CONDITIONED.identity for other in others)


def test_a_label_has_its_weight_in_the_loss() -> None:
    task = replace(TASK, label_weights={"negative": 2.5})
    logits = {"logits": torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]])}
    total, count = task.loss(logits, {"labels": torch.tensor([0, 1])})
    by_hand = (math.log(math.exp(2) + 2) - 2) + 2.5 * math.log(math.e + 2)
    assert total.item() == pytest.approx(by_hand, rel=1e-6)
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
def test_settings_that_cannot_be(options: dict[str, Any], found: str) -> None:
    with pytest.raises(InputError) as caught:
        replace(TASK, **options)
    assert str(caught.value.found) == found
