"""Which heads are asked, in which order, and which spans with which conditions."""

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
    Given,
    MultiLabelDecoder,
    Queries,
    SequenceDecoder,
    SourcePrediction,
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
from arabic_mtl.text.offsets import Integers
from support.predictions import labels_of, near

CATEGORIES = ("ROOMS#GENERAL", "ROOMS#PRICES", "SERVICE#GENERAL")
TOPIC = SequenceDecoder(labels=("hotel", "flight"))
CATEGORY = MultiLabelDecoder(labels=CATEGORIES, threshold=0.5)
PLAIN = SpanDecoder(labels=("positive", "negative"), spans_from="ner")
CONDITIONED = SpanDecoder(
    labels=("positive", "negative"),
    spans_from="ner",
    given=Given(layer="aspect", labels=CATEGORIES, found_by="category"),
)
ROW = Encoding(
    input_ids=[5, 6, 7],
    token_type_ids=[0, 0, 0],
    starts=[0, 4, 9],
    ends=[3, 8, 12],
    words=[0, 1, 2],
    marks=[],
)
ROOM, VIEW = SpanPrediction(4, 8, "ROOMS"), SpanPrediction(9, 12, "VIEW")


@dataclass(frozen=True, kw_only=True)
class Finder(Decoder):
    """Finds in each row what it was made to find."""

    predicts: ClassVar[type[Prediction]] = SpansPrediction

    found: tuple[tuple[SpanPrediction, ...], ...]

    @property
    def outputs(self) -> tuple[str, ...]:
        return ("ROOMS", "VIEW")

    def decode(
        self, logits: Arrays, rows: Sequence[Encoding], queries: Queries | None = None
    ) -> list[SpansPrediction]:
        assert len(rows) == len(self.found)
        assert queries is None
        return [SpansPrediction(spans) for spans in self.found]


class Heads:
    """Gives the logarithms of numbers, and notes what it was asked.

    Of a label alone these are odds: 3 for a probability of 3/4.
    """

    def __init__(self, **numbers: Any) -> None:
        self.numbers = numbers
        self.asked: list[tuple[str, list[list[int]] | None]] = []

    def __call__(self, name: str, spans: Integers | None) -> Arrays:
        self.asked.append((name, None if spans is None else spans.tolist()))
        return {"logits": np.log(np.array(self.numbers[name], dtype=np.float64))}


def polarity(
    start: int, end: int, label: str, score: float, condition: tuple[int, float] | None = None
) -> SpanPrediction:
    """A span of two labels."""
    of_span = condition and LabelScore(CATEGORIES[condition[0]], near(condition[1]))
    others = (near(score), near(1 - score))
    likely = others if label == "positive" else others[::-1]
    return SpanPrediction(start, end, label, near(score), of_span, likely)


def spans(*of_row: SpanPrediction) -> SpansPrediction:
    return SpansPrediction(of_row)


def test_tasks_are_asked_after_their_sources_and_predictions_keep_the_order_of_the_tasks() -> None:
    decoders = {
        "polarity": PLAIN,
        "ner": Finder(found=((ROOM,),)),
        "emotion": PLAIN,
        "topic": TOPIC,
    }
    heads = Heads(polarity=[[3, 1]], ner=[], emotion=[[1, 4]], topic=[[1, 3]])
    predictions = decode_all(decoders, heads, [ROW])
    table = [[0, 4, 8, 1, 2, UNKNOWN]]
    assert heads.asked == [
        *(("ner", None), ("topic", None)),
        *(("polarity", table), ("emotion", table)),
    ]
    assert list(predictions) == list(decoders)
    flight = TextPrediction((LabelScore("flight", near(0.75)),), (near(0.25), near(0.75)))
    assert predictions == {
        "polarity": [spans(polarity(4, 8, "positive", 0.75))],
        "ner": [spans(ROOM)],
        "emotion": [spans(polarity(4, 8, "negative", 0.8))],
        "topic": [flight],
    }


def test_spans_are_conditioned_on_their_categories_and_other_categories_on_null() -> None:
    """A span has the likeliest category of its own, predicted or not; other ones are NULL's."""
    decoders = {
        "polarity": CONDITIONED,
        "category": CATEGORY,
        "ner": Finder(found=((ROOM, VIEW), (), ())),
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
    assert heads.asked == [
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
    assert labels_of(predictions["category"]) == [
        [CATEGORIES[2]],
        [CATEGORIES[2], CATEGORIES[0]],
        [],
    ]


def test_without_others_spans_are_whole_texts() -> None:
    alone = SpanDecoder(labels=("positive", "negative"))
    heads = Heads(polarity=[[3, 1], [1, 3]], category=[[3, 3, 3]] * 2)
    decoders = {"polarity": alone, "category": CATEGORY}
    predictions = decode_all(decoders, heads, [ROW] * 2)
    whole = [[0, 0, 0, 0, 3, UNKNOWN], [1, 0, 0, 0, 3, UNKNOWN]]
    assert heads.asked == [("polarity", whole), ("category", None)]
    assert labels_of(predictions["polarity"]) == [["positive"], ["negative"]]


def test_no_condition_where_no_task_predicts_it() -> None:
    decoders = {"polarity": PLAIN, "category": CATEGORY, "ner": Finder(found=((ROOM,),))}
    heads = Heads(polarity=[[1, 3]], category=[[3, 3, 3]], ner=[])
    (found,) = decode_all(decoders, heads, [ROW])["polarity"]
    assert found == spans(polarity(4, 8, "negative", 0.75))


def test_every_head_is_asked_even_if_there_are_no_texts() -> None:
    """Processes that read different texts ask the same heads."""
    decoders = {
        "polarity": CONDITIONED,
        "ner": Finder(found=()),
        "category": CATEGORY,
        "topic": TOPIC,
    }
    none = np.zeros((0, 3))
    heads = Heads(polarity=none[:, :2], ner=[], category=none, topic=none[:, :2])
    predictions = decode_all(decoders, heads, [])
    assert heads.asked == [("ner", None), ("category", None), ("topic", None), ("polarity", [])]
    assert predictions == {"polarity": [], "ner": [], "category": [], "topic": []}


@dataclass(frozen=True, kw_only=True)
class Counter(Decoder):
    """Ten times the number that a source predicts, or the number of its spans."""

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
        return [ValuePrediction(10 * of_row[0].end) for of_row in queries]


def test_a_task_may_build_on_one_that_builds_on_another() -> None:
    decoders = {
        "third": Counter(source="second"),
        "second": Counter(source="ner"),
        "ner": Finder(found=((ROOM, VIEW), (ROOM,))),
    }
    heads = Heads(third=[], second=[], ner=[])
    predictions = decode_all(decoders, heads, [ROW] * 2)
    assert heads.asked == [
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


def test_a_text_without_words_has_no_labels_however_likely() -> None:
    decoder = MultiLabelDecoder(labels=("a", "b"), threshold=0.5)
    logits = {"logits": np.array([[9.0, -9.0], [9.0, -9.0]], dtype=np.float32)}
    with_words, without = decoder.decode(logits, [row_of([0]), row_of([])])
    assert labels_of([with_words]) == [["a"]]
    assert (without.labels, without.distribution) == ((), with_words.distribution)


def row_of(words: list[int]) -> Encoding:
    """A text of one token per word, between special ones."""
    columns: dict[str, list[int]] = {name: [0] * (len(words) + 2) for name in FIELDS}
    return Encoding(**columns | {"words": [NO_WORD, *words, NO_WORD], "marks": [], "letters": []})
