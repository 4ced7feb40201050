"""The majority baseline, against scikit-learn's dummy classifier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, f1_score

from arabic_mtl.baselines.majority import Majority
from arabic_mtl.data import MultiTaskData
from arabic_mtl.evaluation import evaluate
from arabic_mtl.formats import SemEval2016
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)
from arabic_mtl.text import TextSettings

LABELS = ("positive", "negative", "neutral")
CATEGORIES = ("ROOMS#GENERAL", "HOTEL#PRICES")
TASKS: dict[str, Task] = {
    "sentiment": SpanClassification(corpus="sentences", layer="polarity", labels=LABELS),
    "pair": SequenceClassification(corpus="opinions", layer="polarity", labels=LABELS),
    "category": MultiLabelClassification(corpus="sentences", layer="category", labels=CATEGORIES),
    "ner": TokenClassification(corpus="sentences", layer="entity", labels=("ROOMS", "HOTEL")),
}
ROOM, NULL = "الغرفة", "NULL"
TRAIN = [
    [(ROOM, "ROOMS#GENERAL", "negative"), (NULL, "HOTEL#PRICES", "negative")],
    [(NULL, "HOTEL#PRICES", "positive")],
    [(NULL, "HOTEL#PRICES", "negative")],
    [],
]
TEST = [
    [(ROOM, "ROOMS#GENERAL", "positive"), (NULL, "HOTEL#PRICES", "negative")],
    [(NULL, "HOTEL#PRICES", "negative")],
    [(ROOM, "ROOMS#GENERAL", "neutral")],
]


@pytest.fixture
def scores(tmp_path: Path, write_semeval: Callable[..., Path]) -> dict[str, float]:
    for name, opinions in (("train", TRAIN), ("validation", TEST), ("test", TEST)):
        reviews = {f"{name}-{n}": [(f"{ROOM} نظيفة جدا", own)] for n, own in enumerate(opinions)}
        write_semeval(reviews, name=f"{name}.xml")
    files = {split: Path(f"{split}.xml") for split in ("train", "validation", "test")}
    corpora = {"sentences": SemEval2016(**files), "opinions": SemEval2016(**files, unit="opinion")}
    text = TextSettings(vocab_size=60)
    data = MultiTaskData(corpora, TASKS, text=text, root=tmp_path, cache=tmp_path / "cache")
    data.prepare_data()
    data.setup()
    found, _ = evaluate(Majority(data), data, "test")
    assert evaluate(Majority(data), data, "validation")[0] == found
    return found


def test_metrics_are_those_of_the_tasks(scores: dict[str, float]) -> None:
    names = {f"{name}/{metric}" for name, task in TASKS.items() for metric in task.metrics()}
    assert set(scores) == names | {f"{name}/loss" for name in TASKS} | {"mean"}


@pytest.mark.parametrize("task", ["sentiment", "pair"])
def test_polarity(scores: dict[str, float], task: str) -> None:
    train, gold = ([o[2] for own in split for o in own] for split in (TRAIN, TEST))
    dummy = DummyClassifier().fit([[0]] * len(train), train)
    found = dummy.predict([[0]] * len(gold))
    assert scores[f"{task}/accuracy"] == pytest.approx(accuracy_score(gold, found))
    macro = f1_score(gold, found, average="macro", zero_division=0)
    assert scores[f"{task}/macro_f1"] == pytest.approx(macro)


def test_category(scores: dict[str, float]) -> None:
    gold = [[name in {o[1] for o in own} for name in CATEGORIES] for own in TEST]
    found = [[False, True]] * len(TEST)  # HOTEL#PRICES in three training sentences of four
    for average in ("micro", "macro"):
        expected = f1_score(gold, found, average=average, zero_division=0)
        assert scores[f"category/{average}_f1"] == pytest.approx(expected)


def test_tags(scores: dict[str, float]) -> None:
    assert scores["ner/f1"] == scores["ner/span_f1"] == 0.0
    assert scores["ner/accuracy"] == pytest.approx(7 / 9)  # two of nine words are in targets
