"""The order in which tasks are decoded, and the spans and conditions of their heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from arabic_mtl.decoders import (
    UNKNOWN,
    Arrays,
    Decoder,
    MultiLabelDecoder,
    Queries,
    SequenceDecoder,
    SourcePrediction,
    SpanCondition,
    SpanDecoder,
    SpanQuery,
    decode_all,
)
from arabic_mtl.documents import (
    LabelScore,
    Prediction,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
    ValuePrediction,
)
from arabic_mtl.text import Encoding
from arabic_mtl.text.encoding import FIELDS, NO_WORD
from arabic_mtl.text.ragged import Integers
from support.predictions import approx, predicted_labels

CATEGORIES = ("ROOMS#GENERAL", "ROOMS#PRICES", "SERVICE#GENERAL")
TOPIC = SequenceDecoder(labels=("hotel", "flight"))
CATEGORY = MultiLabelDecoder(labels=CATEGORIES, threshold=0.5)
PLAIN = SpanDecoder(labels=("positive", "negative"), spans_from="ner")
CONDITIONED = SpanDecoder(
    labels=("positive", "negative"),
    spans_from="ner",
    condition=SpanCondition(layer="aspect", labels=CATEGORIES, predicted_by="category"),
)
ROW = Encoding(
    input_ids=[5, 6, 7],
    token_type_ids=[0, 0, 0],
    starts=[0, 4, 9],
    ends=[3, 8, 12],
    word_ids=[0, 1, 2],
    mark_offsets=[],
)
ROOM, VIEW = SpanPrediction(4, 8, "ROOMS"), SpanPrediction(9, 12, "VIEW")


@dataclass(frozen=True, kw_only=True)
class Finder(Decoder):
    """A decoder with fixed predictions for each row."""

    predicts: ClassVar[type[Prediction]] = SpansPrediction

    predictions: tuple[tuple[SpanPrediction, ...], ...]

    @property
    def outputs(self) -> tuple[str, ...]:
        return ("ROOMS", "VIEW")

    def decode(
        self, logits: Arrays, rows: Sequence[Encoding], queries: Queries | None = None
    ) -> list[SpansPrediction]:
        assert len(rows) == len(self.predictions)
        assert queries is None
        return [SpansPrediction(spans) for spans in self.predictions]


class Heads:
    """Returns the logarithms of numbers as logits, and records the calls.

    For a single label the numbers are odds: 3 for a probability of 3/4.
    """

    def __init__(self, **numbers: Any) -> None:
        self.numbers = numbers
        self.calls: list[tuple[str, list[list[int]] | None]] = []

    def __call__(self, name: str, spans: Integers | None) -> Arrays:
        self.calls.append((name, None if spans is None else spans.tolist()))
        return {"logits": np.log(np.array(self.numbers[name], dtype=np.float64))}


def polarity(
    start: int, end: int, label: str, score: float, condition: tuple[int, float] | None = None
) -> SpanPrediction:
    """Returns a predicted span with one of two labels, and its condition."""
    condition_score = condition and LabelScore(CATEGORIES[condition[0]], approx(condition[1]))
    probabilities = (approx(score), approx(1 - score))
    distribution = probabilities if label == "positive" else probabilities[::-1]
    return SpanPrediction(start, end, label, approx(score), condition_score, distribution)


def spans(*items: SpanPrediction) -> SpansPrediction:
    return SpansPrediction(items)


def test_tasks_are_decoded_after_their_sources_and_returned_in_task_order() -> None:
    decoders = {
        "polarity": PLAIN,
        "ner": Finder(predictions=((ROOM,),)),
        "emotion": PLAIN,
        "topic": TOPIC,
    }
    heads = Heads(polarity=[[3, 1]], ner=[], emotion=[[1, 4]], topic=[[1, 3]])
    predictions = decode_all(decoders, heads, [ROW])
    table = [[0, 4, 8, 1, 2, UNKNOWN]]
    assert heads.calls == [
        *(("ner", None), ("topic", None)),
        *(("polarity", table), ("emotion", table)),
    ]
    assert list(predictions) == list(decoders)
    flight = TextPrediction((LabelScore("flight", approx(0.75)),), (approx(0.25), approx(0.75)))
    assert predictions == {
        "polarity": [spans(polarity(4, 8, "positive", 0.75))],
        "ner": [spans(ROOM)],
        "emotion": [spans(polarity(4, 8, "negative", 0.8))],
        "topic": [flight],
    }


def test_spans_are_conditioned_on_their_categories_and_other_categories_on_null() -> None:
    """A span has its likeliest category, predicted or not; other categories are NULL spans."""
    decoders = {
        "polarity": CONDITIONED,
        "category": CATEGORY,
        "ner": Finder(predictions=((ROOM, VIEW), (), ())),
    }
    heads = Heads(
        ner=[],
        category=[
            [1 / 4, 1 / 3, 3],
            [3, 1 / 3, 4],
            [1 / 3, 1 / 4, 1 / 3],
        ],
        polarity=[[3, 1], [1, 3], [4, 1], [1, 4], [1, 9], [9, 1]],
    )
    predictions = decode_all(decoders, heads, [ROW] * 3)
    assert heads.calls == [
        ("category", None),
        ("ner", None),
        (
            "polarity",
            [
                [0, 4, 8, 1, 2, 1],
                [0, 9, 12, 2, 3, UNKNOWN],
                [0, 0, 0, 0, 3, 2],
                [1, 0, 0, 0, 3, 2],
                [1, 0, 0, 0, 3, 0],
                [2, 0, 0, 0, 3, UNKNOWN],
            ],
        ),
    ]
    assert predictions["polarity"] == [
        spans(
            polarity(4, 8, "positive", 0.75, (1, 0.25)),
            polarity(9, 12, "negative", 0.75),
            polarity(0, 0, "positive", 0.8, (2, 0.75)),
        ),
        spans(
            polarity(0, 0, "negative", 0.8, (2, 0.8)), polarity(0, 0, "negative", 0.9, (0, 0.75))
        ),
        spans(polarity(0, 0, "positive", 0.9)),
    ]
    assert predicted_labels(predictions["category"]) == [
        [CATEGORIES[2]],
        [CATEGORIES[2], CATEGORIES[0]],
        [],
    ]


def test_spans_without_sources_are_whole_texts() -> None:
    decoder = SpanDecoder(labels=("positive", "negative"))
    heads = Heads(polarity=[[3, 1], [1, 3]], category=[[3, 3, 3]] * 2)
    decoders = {"polarity": decoder, "category": CATEGORY}
    predictions = decode_all(decoders, heads, [ROW] * 2)
    table = [[0, 0, 0, 0, 3, UNKNOWN], [1, 0, 0, 0, 3, UNKNOWN]]
    assert heads.calls == [("polarity", table), ("category", None)]
    assert predicted_labels(predictions["polarity"]) == [["positive"], ["negative"]]


def test_condition_is_unknown_without_a_predicting_task() -> None:
    decoders = {"polarity": PLAIN, "category": CATEGORY, "ner": Finder(predictions=((ROOM,),))}
    heads = Heads(polarity=[[1, 3]], category=[[3, 3, 3]], ner=[])
    (prediction,) = decode_all(decoders, heads, [ROW])["polarity"]
    assert prediction == spans(polarity(4, 8, "negative", 0.75))


def test_every_head_runs_without_texts() -> None:
    """Processes with different texts run the same heads."""
    decoders = {
        "polarity": CONDITIONED,
        "ner": Finder(predictions=()),
        "category": CATEGORY,
        "topic": TOPIC,
    }
    empty = np.zeros((0, 3))
    heads = Heads(polarity=empty[:, :2], ner=[], category=empty, topic=empty[:, :2])
    predictions = decode_all(decoders, heads, [])
    assert heads.calls == [("ner", None), ("category", None), ("topic", None), ("polarity", [])]
    assert predictions == {"polarity": [], "ner": [], "category": [], "topic": []}


@dataclass(frozen=True, kw_only=True)
class Counter(Decoder):
    """A decoder of ten times the number that a source predicts, or of its number of spans."""

    predicts: ClassVar[type[Prediction]] = ValuePrediction
    asks_spans: ClassVar[bool] = True

    source: str

    @property
    def outputs(self) -> tuple[str, ...]:
        return ("number",)

    @property
    def depends_on(self) -> tuple[str, ...]:
        return (self.source,)

    def queries(self, row: Encoding, sources: dict[str, SourcePrediction]) -> list[SpanQuery]:  # type: ignore[override]
        assert set(sources) == {self.source}
        prediction = sources[self.source].prediction
        if isinstance(prediction, ValuePrediction):
            assert sources[self.source].outputs == ("number",)
            return [SpanQuery(0, int(prediction.value), 0, 1)]
        assert isinstance(prediction, SpansPrediction)
        assert sources[self.source].outputs == ("ROOMS", "VIEW")
        return [SpanQuery(0, len(prediction.spans), 0, 1)]

    def decode(
        self, logits: Arrays, rows: Sequence[Encoding], queries: Queries | None = None
    ) -> list[ValuePrediction]:
        assert queries is not None
        return [ValuePrediction(10 * row_queries[0].end) for row_queries in queries]


def test_dependencies_may_be_chained() -> None:
    decoders = {
        "third": Counter(source="second"),
        "second": Counter(source="ner"),
        "ner": Finder(predictions=((ROOM, VIEW), (ROOM,))),
    }
    heads = Heads(third=[], second=[], ner=[])
    predictions = decode_all(decoders, heads, [ROW] * 2)
    assert heads.calls == [
        ("ner", None),
        ("second", [[0, 0, 2, 0, 1, UNKNOWN], [1, 0, 1, 0, 1, UNKNOWN]]),
        ("third", [[0, 0, 20, 0, 1, UNKNOWN], [1, 0, 10, 0, 1, UNKNOWN]]),
    ]
    assert predictions["third"] == [ValuePrediction(200), ValuePrediction(100)]


@pytest.mark.parametrize(
    ("decoder", "depends_on"),
    [(TOPIC, ()), (CATEGORY, ()), (PLAIN, ("ner",)), (CONDITIONED, ("ner", "category"))],
)
def test_decoders_name_their_sources(decoder: Decoder, depends_on: tuple[str, ...]) -> None:
    assert decoder.depends_on == depends_on
    assert decoder.asks_spans == isinstance(decoder, SpanDecoder) == decoder.labels_pieces


def test_text_without_words_has_no_labels() -> None:
    decoder = MultiLabelDecoder(labels=("a", "b"), threshold=0.5)
    logits = {"logits": np.array([[9.0, -9.0], [9.0, -9.0]], dtype=np.float32)}
    with_words, without = decoder.decode(logits, [row_of([0]), row_of([])])
    assert predicted_labels([with_words]) == [["a"]]
    assert (without.labels, without.distribution) == ((), with_words.distribution)


def row_of(words: list[int]) -> Encoding:
    """Returns a text of one token per word, between special tokens."""
    columns: dict[str, list[int]] = {name: [0] * (len(words) + 2) for name in FIELDS}
    return Encoding(
        **columns | {"word_ids": [NO_WORD, *words, NO_WORD], "mark_offsets": [], "char_codes": []}
    )
