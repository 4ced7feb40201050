"""Tagging: gold spans come back exactly, and the metrics are those of scikit-learn and seqeval."""

from __future__ import annotations

import math
from itertools import chain, pairwise
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score
from sklearn.metrics import accuracy_score

from arabic_mtl.errors import InputError
from arabic_mtl.example import Example, Span
from arabic_mtl.tasks import TokenClassification, bio
from arabic_mtl.text import Encoding, TextPipeline, Tokens

TASK = TokenClassification(corpus="reviews", layer="entity", labels=("HOTEL", "ROOMS"))
NAMES = ["O", "B-HOTEL", "I-HOTEL", "B-ROOMS", "I-ROOMS"]
VOCABULARY = ["الغُرْفة", "والغرفة", "نظيـــفة", "بالموقع", "للمطعم", "!", "wifi", "٣", "رائعتانِ"]

Gold = tuple[Span, ...]


def example(text: str, spans: Gold | None) -> Example:
    return Example(id="1", group="1", text=text, spans={} if spans is None else {"entity": spans})


def encode(text: TextPipeline, *texts: str) -> list[Encoding]:
    return text.encode(texts, [None] * len(texts))


def pad(encodings: list[Encoding]) -> Tokens:
    names = ("input_ids", "attention_mask", "token_type_ids", "starts", "ends", "words")
    return Tokens.pad({name: [getattr(e, name) for e in encodings] for name in names}, 0)


def perfect(labels: torch.Tensor) -> torch.Tensor:
    """Logits that say what the tags say, and O where there is none."""
    return 50 * torch.nn.functional.one_hot(labels.clamp(min=0), TASK.outputs).float()


def answers(rows: list[Any]) -> list[list[Span]]:
    return [[Span(s["start"], s["end"], s["label"]) for s in row] for row in rows]


@st.composite
def tagged(draw: st.DrawFn, text: TextPipeline) -> tuple[str, Gold]:
    """A text of known words, and spans between the bounds of the tokenizer's own words."""
    raw = " ".join(draw(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=8)))
    (encoding,) = encode(text, raw)
    words = bio.words(encoding.starts, encoding.ends, encoding.words)
    bounds = sorted(draw(st.sets(st.integers(0, len(words)))))
    ranges = [(a, b - 1) for a, b in pairwise(bounds) if draw(st.booleans())]
    labels = [draw(st.sampled_from(TASK.labels)) for _ in ranges]
    found = zip(ranges, labels, strict=True)
    return raw, tuple(Span(words[a].start, words[b].end, label) for (a, b), label in found)


def test_targets(text: TextPipeline) -> None:
    raw = "والغرفة نظيفة"
    (encoding,) = encode(text, raw)
    spans = (Span(1, 7, "ROOMS"), Span(8, 13, "HOTEL"))
    targets = TASK.targets(example(raw, spans), encoding)
    assert targets == {
        "tags": [-100, 0, 3, 1, -100],
        "gold": [[1, 7, 1], [8, 13, 0]],
    }
    assert TASK.targets(example(raw, ()), encoding) == {"tags": [-100, 0, 0, 0, -100], "gold": []}
    assert TASK.targets(example(raw, None), encoding) is None


def test_only_the_first_piece_of_a_word_is_tagged(text: TextPipeline) -> None:
    (encoding,) = encode(text, "رائعتان")  # not in the vocabulary: several pieces
    assert len(encoding.input_ids) > 3
    targets = TASK.targets(example("رائعتان", (Span(0, 7, "HOTEL"),)), encoding)
    assert targets is not None
    assert targets["tags"] == [-100, 1, *[-100] * (len(encoding.input_ids) - 2)]


def test_undeclared_label_is_refused(text: TextPipeline) -> None:
    with pytest.raises(InputError, match="«FOOD»"):
        TASK.targets(example("نص", (Span(0, 2, "FOOD"),)), encode(text, "نص")[0])


@given(data=st.data())
def test_gold_spans_come_back_from_their_tags(text: TextPipeline, data: st.DataObject) -> None:
    cases = data.draw(st.lists(tagged(text), min_size=1, max_size=3))
    encodings = encode(text, *(raw for raw, _ in cases))
    values = [TASK.targets(example(*c), e) for c, e in zip(cases, encodings, strict=True)]
    tokens = pad(encodings)
    targets = TASK.collate(values, tokens)
    logits = perfect(targets["labels"])
    assert answers(TASK.decode(logits, tokens, targets)) == [list(spans) for _, spans in cases]
    metrics = TASK.build_metrics()
    TASK.update(metrics, logits, tokens, targets)
    anything = 1.0 if any(spans for _, spans in cases) else 0.0
    assert {name: float(value) for name, value in metrics.compute().items()} == {
        "f1": anything,
        "span_f1": anything,
        "accuracy": 1.0,
    }


def test_target_inside_a_word_becomes_the_word(text: TextPipeline) -> None:
    raw = "الغرفة نظيفة"
    (encoding,) = encode(text, raw)
    tokens = pad([encoding])
    targets = TASK.collate([TASK.targets(example(raw, (Span(2, 4, "ROOMS"),)), encoding)], tokens)
    found = answers(TASK.decode(perfect(targets["labels"]), tokens, targets))
    assert found == [[Span(0, 6, "ROOMS")]]
    assert targets["gold"].tolist() == [[0, 2, 4, 1]]


def test_collate_pads_and_leaves_out_unlabelled_rows(text: TextPipeline) -> None:
    encodings = encode(text, "الغرفة نظيفة", "الغرفة")
    tokens = pad(encodings)
    value = {"tags": [-100, 1, -100], "gold": [[0, 6, 0]]}
    targets = TASK.collate([None, value], tokens)
    assert targets["labels"].tolist() == [[-100] * 4, [-100, 1, -100, -100]]
    assert targets["gold"].tolist() == [[1, 0, 6, 0]]


def test_collate_is_as_wide_as_the_batch(text: TextPipeline) -> None:
    tokens = pad(encode(text, "الغرفة", "الغرفة نظيفة جدا"))[0:1]  # the longer row is another's
    targets = TASK.collate([{"tags": [-100, 1, -100], "gold": []}], tokens)
    assert targets["labels"].tolist() == [[-100, 1, -100, -100, -100]]


def test_collate_without_rows(text: TextPipeline) -> None:
    tokens = pad(encode(text, "الغرفة نظيفة"))[0:0]
    targets = TASK.collate([], tokens)
    assert targets["labels"].shape == (0, 4)
    assert targets["gold"].shape == (0, 4)
    total, count = TASK.loss(torch.zeros(0, 4, 5, requires_grad=True), targets)
    assert (total.item(), count.item()) == (0.0, 0)
    assert TASK.decode(torch.zeros(0, 4, 5), tokens, targets) == []


def test_loss_sums_over_tagged_words() -> None:
    logits = torch.zeros(2, 3, 5)
    logits[0, 1, 3] = 2.0
    logits[1] = 9.0
    labels = torch.tensor([[-100, 3, 0], [-100, -100, -100]])
    total, count = TASK.loss(logits, {"labels": labels})
    by_hand = (math.log(math.exp(2) + 4) - 2) + math.log(5)
    assert total.item() == pytest.approx(by_hand, rel=1e-6)
    assert count.item() == 2


def test_decode_gives_the_least_certain_words_probability(text: TextPipeline) -> None:
    tokens = pad(encode(text, "الغرفة نظيفة جدا"))
    logits = torch.full((1, 5, 5), -1e9)
    for token, (tag, probability) in enumerate([(0, 0.9), (1, 0.75), (2, 0.6), (0, 0.8), (0, 0.9)]):
        logits[0, token] = torch.tensor((1 - probability) / 4).log()
        logits[0, token, tag] = math.log(probability)
    assert TASK.decode(logits, tokens, {}) == [
        [{"start": 0, "end": 12, "label": "HOTEL", "score": 0.6}]
    ]


@given(rows=st.lists(st.tuples(*[st.lists(st.integers(0, 4), min_size=5, max_size=5)] * 2)))
def test_metrics_equal_seqeval_and_sklearn(rows: list[tuple[list[int], list[int]]]) -> None:
    rows = [*rows, ([1, 2, 0, 3, 0], [1, 2, 0, 1, 0])]
    found, gold = [row[0] for row in rows], [row[1] for row in rows]
    tokens = words_of_one_character(len(rows), 5)
    spans = [[[a, b + 1, label] for a, b, label in bio.decode(tags)] for tags in gold]
    values = [{"tags": t, "gold": g} for t, g in zip(gold, spans, strict=True)]
    metrics = TASK.build_metrics()
    TASK.update(metrics, perfect(torch.tensor(found)), tokens, TASK.collate(values, tokens))
    scores = metrics.compute()
    named = [[[NAMES[tag] for tag in row] for row in tags] for tags in (gold, found)]
    assert scores["f1"].item() == pytest.approx(f1_score(*named, zero_division=0))
    accuracy = accuracy_score(*([*chain(*tags)] for tags in (gold, found)))
    assert scores["accuracy"].item() == pytest.approx(accuracy)


def words_of_one_character(rows: int, width: int) -> Tokens:
    ones, numbers = torch.ones(rows, width, dtype=torch.long), torch.arange(width).expand(rows, -1)
    return Tokens(
        input_ids=ones,
        attention_mask=ones,
        token_type_ids=ones,
        starts=numbers,
        ends=numbers + 1,
        words=numbers,
    )


def test_span_f1_looks_at_no_label() -> None:
    tokens = words_of_one_character(1, 2)
    targets = TASK.collate([{"tags": [1, 0], "gold": [[0, 1, 0]]}], tokens)
    metrics = TASK.build_metrics()
    TASK.update(metrics, perfect(torch.tensor([[3, 0]])), tokens, targets)
    scores = {name: value.item() for name, value in metrics.compute().items()}
    assert scores == {"f1": 0.0, "span_f1": 1.0, "accuracy": 0.5}
    assert TASK.main_metric in scores


def test_frequencies_and_constant(text: TextPipeline) -> None:
    tokens = pad(encode(text, "الغرفة نظيفة"))
    targets = TASK.collate([{"tags": [-100, 1, 0, -100], "gold": []}], tokens)
    assert TASK.frequencies(targets).tolist() == [1, 1, 0, 0, 0]
    assert TASK.constant(0, targets).shape == (1, 4, 5)
    assert TASK.decode(TASK.constant(0, targets), tokens, targets) == [[]]
    assert answers(TASK.decode(TASK.constant(1, targets), tokens, targets)) == [
        [Span(0, 6, "HOTEL"), Span(7, 12, "HOTEL")]
    ]


@pytest.mark.parametrize("rows", [0, 2])
def test_head(rows: int) -> None:
    head = TASK.build_head(8, 0.1)
    tokens = words_of_one_character(rows, 4)
    assert head(torch.randn(rows, 4, 8), tokens, {}).shape == (rows, 4, 5)
