"""Slot scores of predictions, by hand and against the tasks' metrics."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.cli.commands import Commands
from arabic_mtl.data import MultiTaskData
from arabic_mtl.documents import (
    LabelScore,
    Opinion,
    Prediction,
    SpanPrediction,
    SpansPrediction,
    TextPrediction,
)
from arabic_mtl.evaluation import (
    PredictedExample,
    evaluate,
    gold_opinions,
    skipped_slots,
    slot_scores,
)
from arabic_mtl.formats import SemEval2016
from arabic_mtl.model.batch import Origin
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)
from arabic_mtl.text import TextSettings
from support.paths import ROOT
from support.systems import gold_logits, noisy_logits
from support.training import hotel_data

TEXT = "غرفة واسعة وموقع بعيد والسعر غال"
CATEGORIES = ("ROOMS#COMFORT", "ROOMS#GENERAL", "LOCATION#GENERAL", "HOTEL#PRICES")
POLARITY = SpanClassification(corpus="r", layer="polarity", labels=("positive", "negative"))
TARGET = TokenClassification(corpus="r", layer="entity", labels=("ROOMS", "LOCATION", "FOOD"))
CATEGORY = MultiLabelClassification(corpus="r", layer="category", labels=CATEGORIES)
TASKS: dict[str, Task] = {"mood": POLARITY, "what": TARGET, "aspect": CATEGORY}
GOLD = {
    Origin("r", 0): [
        Opinion("موقع", "LOCATION#GENERAL", "negative", 12, 16),
        Opinion("غرفة", "ROOMS#GENERAL", "positive", 0, 4),
        Opinion("NULL", "HOTEL#PRICES", "negative", 0, 0),
    ]
}


def spans(*places: tuple[int, int, str]) -> SpansPrediction:
    return SpansPrediction(tuple(SpanPrediction(*place, 0.9) for place in places))


def labels(*names: str, distribution: Sequence[float] = (0.2, 0.3, 0.8, 0.9)) -> TextPrediction:
    return TextPrediction(tuple(LabelScore(name) for name in names), tuple(distribution))


def example(**changed: Prediction) -> PredictedExample:
    """Returns predictions of three spans, one without a category, two categories, polarities."""
    found: dict[str, Prediction] = {
        "mood": spans((0, 0, "negative"), (0, 4, "positive"), (12, 16, "positive")),
        "what": spans((0, 4, "ROOMS"), (12, 16, "LOCATION"), (23, 28, "FOOD")),
        "aspect": labels("HOTEL#PRICES", "LOCATION#GENERAL"),
    }
    return PredictedExample(
        corpus="r",
        number=0,
        id="1",
        group="1",
        text=TEXT,
        pair=None,
        gold={},
        predicted={**found, **changed},
    )


def f1(correct: int, found: int, gold: int) -> float:
    return 2 * correct / (found + gold)


def test_scores_of_an_example() -> None:
    scores = slot_scores([example()], GOLD, TASKS)
    assert scores == {
        # HOTEL#PRICES and LOCATION#GENERAL of three: ROOMS#GENERAL did not reach the threshold
        "slot1/precision": 1.0,
        "slot1/recall": 2 / 3,
        "slot1/f1": f1(2, 2, 3),
        # (0, 4) and (12, 16), not (23, 28)
        "slot2/precision": 2 / 3,
        "slot2/recall": 1.0,
        "slot2/f1": f1(2, 3, 2),
        # (0, 4) is ROOMS#GENERAL, the likelier of two; FOOD has no category; HOTEL#PRICES is NULL
        "slot12/precision": 1.0,
        "slot12/recall": 1.0,
        "slot12/f1": 1.0,
        # right of NULL and (0, 4), in a text that is mixed
        "slot3/accuracy": 2 / 3,
        "slot3/named_accuracy": 1 / 2,
        "slot3/mixed_accuracy": 2 / 3,
        "slot3/macro_f1": pytest.approx(f1(1, 1, 2) / 2 + f1(1, 2, 1) / 2),
        "slot3/negative_f1": f1(1, 1, 2),
        "slot3/positive_f1": f1(1, 2, 1),
    }


def aspects_f1(*categories: str, found: SpansPrediction, tasks: dict[str, Task]) -> float:
    changed = example(aspect=labels(*categories), what=found)
    return slot_scores([changed], GOLD, tasks)["slot12/f1"]


def test_a_category_of_a_span_gets_no_null_target() -> None:
    both = ["HOTEL#PRICES", "ROOMS#GENERAL"]
    assert aspects_f1(*both, found=spans((0, 4, "ROOMS")), tasks=TASKS) == f1(2, 2, 3)
    assert aspects_f1(*both, found=spans((12, 16, "LOCATION")), tasks=TASKS) == f1(2, 3, 3)


def test_the_first_of_equally_likely_categories_is_used() -> None:
    categories = labels("HOTEL#PRICES", "LOCATION#GENERAL", distribution=(0.3, 0.3, 0.8, 0.9))
    even = example(aspect=categories)
    # (0, 4) becomes ROOMS#COMFORT, which is wrong
    assert slot_scores([even], GOLD, TASKS)["slot12/f1"] == f1(2, 3, 3)


def test_a_tagger_of_categories_needs_no_join() -> None:
    tasks = {**TASKS, "what": replace(TARGET, layer="category", labels=CATEGORIES)}
    found = spans((0, 4, "ROOMS#GENERAL"), (12, 16, "HOTEL#PRICES"))
    # one is correct; HOTEL#PRICES belongs to a wrong span, so it gets no NULL target
    assert aspects_f1("HOTEL#PRICES", found=found, tasks=tasks) == f1(1, 2, 3)


@pytest.mark.parametrize(
    ("lacking", "slots"),
    [
        ("mood", {"slot3"}),
        ("what", {"slot2", "slot12"}),
        ("aspect", {"slot1", "slot12"}),
    ],
)
def test_a_slot_whose_task_is_missing_is_left_out(lacking: str, slots: set[str]) -> None:
    tasks = {name: task for name, task in TASKS.items() if name != lacking}
    scored = {name.split("/")[0] for name in slot_scores([example()], GOLD, tasks)}
    assert scored == {"slot1", "slot2", "slot12", "slot3"} - slots
    assert skipped_slots(GOLD, tasks).keys() == slots
    assert skipped_slots(GOLD, TASKS) == {}


def test_skipped_slots_name_the_missing_tasks() -> None:
    others: dict[str, Task] = {
        "type": SpanClassification(corpus="r", layer="entity", labels=("ROOMS",)),
        "mood": SequenceClassification(corpus="r", layer="polarity", labels=("positive",)),
        "what": replace(TARGET, corpus="elsewhere"),
        "topic": replace(CATEGORY, layer="entity"),
    }
    labels = ["MultiLabelClassification", "category"]
    tags = ["TokenClassification", "entity", "category"]
    names = r"\w+Classification|entity|category|polarity"
    reasons = skipped_slots(GOLD, others).items()
    found = {slot: re.findall(names, reason) for slot, reason in reasons}
    assert found == {
        "slot1": labels,
        "slot2": tags,
        "slot12": [*labels[:2], *tags],
        "slot3": ["SpanClassification", "polarity"],
    }


def test_texts_without_gold_opinions_are_not_scored() -> None:
    assert slot_scores([replace(example(), corpus="elsewhere")], GOLD, TASKS) == {}
    assert slot_scores([], GOLD, TASKS) == {}


ENTITIES = ("ROOMS", "HOTEL", "LOCATION")
REVIEWS = {
    f"r{number}": [
        (
            f"الغرفة رقم {number} واسعة والموقع بعيد",
            [
                ("الموقع", "LOCATION#GENERAL", ("positive", "negative")[number % 2]),
                ("الغرفة", ("ROOMS#GENERAL", "ROOMS#COMFORT")[number % 3 > 0], "positive"),
                ("NULL", "HOTEL#GENERAL", "negative"),
                *([("الغرفة", "ROOMS#COMFORT", "neutral")] if number % 5 == 0 else []),
            ],
        ),
        ("سيئ", [("NULL", "HOTEL#GENERAL", "negative")]),
        ("شكرا", []),
    ]
    for number in range(40)
}


@pytest.fixture
def data(tmp_path: Path, write_semeval: Callable[..., Path]) -> MultiTaskData:
    write_semeval(REVIEWS)
    labels = ("positive", "negative", "neutral")
    categories = ("ROOMS#GENERAL", "ROOMS#COMFORT", "LOCATION#GENERAL", "HOTEL#GENERAL")
    tasks: dict[str, Task] = {
        "span": SpanClassification(corpus="texts", layer="polarity", labels=labels),
        "ner": TokenClassification(corpus="texts", layer="entity", labels=ENTITIES),
        "category": MultiLabelClassification(corpus="texts", layer="category", labels=categories),
    }
    corpora = {"texts": SemEval2016(train=Path("train.xml"))}
    made = MultiTaskData(
        corpora,  # type: ignore[arg-type]
        tasks,
        TextSettings(vocab_size=200),
        root=tmp_path,
        validation_share=0.5,
        cache=tmp_path / "cache",
    )
    made.prepare_data()
    made.setup()
    return made


@pytest.mark.parametrize("split", ["train", "validation"])
def test_gold_opinions_belong_to_the_texts_of_the_split(data: MultiTaskData, split: Any) -> None:
    gold = gold_opinions(data, split)
    examples = list(data.store.examples("texts", split))
    assert list(gold) == [Origin("texts", number) for number in range(len(examples))]
    assert 30 < len(gold) < 90
    for number, example in enumerate(examples):
        expected = REVIEWS[example.group][int(example.id.split(":")[1])][1]
        found = gold[Origin("texts", number)]
        assert sorted((o.target, o.category, o.polarity) for o in found) == sorted(expected)
        assert [o.start for o in found] == sorted(o.start for o in found)


def test_a_perfect_system_scores_one(data: MultiTaskData) -> None:
    _, examples = evaluate(gold_logits(data), data, "validation")
    scores = slot_scores(examples, gold_opinions(data, "validation"), data.tasks)
    # A few targets have two categories: one is used for the target, the other gets a NULL target.
    joined = {f"slot12/{name}" for name in ("precision", "recall", "f1")}
    assert {name for name, value in scores.items() if value < 1} == joined
    assert scores["slot12/f1"] > 0.9
    assert len(scores) == 3 * 3 + 3 + 4


def test_slots_equal_the_metrics_of_their_tasks(data: MultiTaskData) -> None:
    metrics, examples = evaluate(noisy_logits(data, 5.0), data, "validation")
    scores = slot_scores(examples, gold_opinions(data, "validation"), data.tasks)
    same = {
        "slot1/f1": "category/micro_f1",
        "slot2/f1": "ner/span_f1",
        "slot3/accuracy": "span/accuracy",
        "slot3/macro_f1": "span/macro_f1",
    }
    for slot, metric in same.items():
        assert scores[slot] == pytest.approx(metrics[metric])
        assert 0.2 < scores[slot] < 0.98
    assert scores["slot3/mixed_accuracy"] != scores["slot3/accuracy"]


def test_pairs_have_no_slots(tmp_path: Path) -> None:
    data = hotel_data(tmp_path)  # with a second corpus, of the pair form
    data.prepare_data()
    data.setup()
    gold = gold_opinions(data, "validation")
    assert {corpus for corpus, _ in gold} == {"texts"}
    _, examples = evaluate(gold_logits(data), data, "validation")
    assert set(slot_scores(examples, gold, data.tasks).values()) == {1.0}


def test_real_slots_equal_the_metrics_of_their_tasks(hotels: Path, tmp_path: Path) -> None:
    options = [f"--config={ROOT / 'configs' / 'hotels.yaml'}", f"--data.root={hotels}"]
    data = Commands([*options, f"--data.cache={tmp_path}"], run=False).datamodule
    data.prepare_data()
    data.setup()
    gold = gold_opinions(data, "validation")
    assert (len(gold), sum(map(len, gold.values()))) == (533, 1169)
    metrics, examples = evaluate(noisy_logits(data, 4.0), data, "validation")
    scores = slot_scores(examples, gold, data.tasks)
    assert len(examples) == 533
    assert scores["slot1/f1"] == pytest.approx(metrics["category/micro_f1"])
    assert scores["slot2/f1"] == pytest.approx(metrics["ner/span_f1"])
    assert scores["slot3/accuracy"] == pytest.approx(metrics["sentiment/accuracy"])
    assert scores["slot3/macro_f1"] == pytest.approx(metrics["sentiment/macro_f1"])
    assert 0 < scores["slot12/f1"] < scores["slot2/f1"] < scores["slot3/mixed_accuracy"] < 1
