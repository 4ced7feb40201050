"""The recipe's dictionary of data frames, one per task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from arabic_mtl.data import MultiTaskData
from arabic_mtl.errors import InputError
from arabic_mtl.formats import SemEval2016
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)
from arabic_mtl.text import TextSettings

COLUMNS = ["id", "group", "text", "target", "start", "end", "label", "number"]
TEXT = "الفندق جميل والغرفة"
REVIEWS = {
    "7": [
        (
            TEXT,
            [("الغرفة", "ROOMS#GENERAL", "negative"), ("NULL", "HOTEL#PRICES", "positive")],
        ),
        ("شكرا", []),
    ],
}
TASKS: dict[str, Task] = {
    "sentiment": SpanClassification(
        corpus="sentences", layer="polarity", labels=("positive", "negative")
    ),
    "ner": TokenClassification(corpus="sentences", layer="entity", labels=("HOTEL", "ROOMS")),
    "category": MultiLabelClassification(
        corpus="sentences", layer="category", labels=("HOTEL#PRICES", "ROOMS#GENERAL")
    ),
    "pair": SequenceClassification(
        corpus="opinions", layer="polarity", labels=("positive", "negative")
    ),
}


def rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    tuples = frame.itertuples(index=False, name=None)
    return [tuple(None if pd.isna(value) else value for value in row) for row in tuples]


def data(root: Path, tasks: dict[str, Task]) -> MultiTaskData:
    file = Path("train.xml")
    corpora = {
        "sentences": SemEval2016(train=file, validation=file),
        "opinions": SemEval2016(train=file, validation=file, unit="opinion"),
    }
    return MultiTaskData(corpora, tasks, TextSettings(), root=root)


def test_one_row_per_label(tmp_path: Path, write_semeval: Callable[..., Path]) -> None:
    write_semeval(REVIEWS)
    frames = data(tmp_path, TASKS).frames("train")
    assert list(frames) == list(TASKS)
    assert all(list(frame.columns) == COLUMNS for frame in frames.values())
    assert rows(frames["sentiment"]) == [
        ("7:0", "7", TEXT, None, 0, 0, "positive", 0),
        ("7:0", "7", TEXT, "الغرفة", 13, 19, "negative", 1),
    ]
    assert rows(frames["ner"]) == [("7:0", "7", TEXT, "الغرفة", 13, 19, "ROOMS", 1)]
    assert rows(frames["category"]) == [
        ("7:0", "7", TEXT, None, None, None, "ROOMS#GENERAL", 1),
        ("7:0", "7", TEXT, None, None, None, "HOTEL#PRICES", 0),
    ]
    assert rows(frames["pair"]) == [
        ("7:0/0", "7", TEXT, "الغرفة", None, None, "negative", 1),
        ("7:0/1", "7", TEXT, None, None, None, "positive", 0),
    ]


def test_split_without_a_file_gives_empty_frames(
    tmp_path: Path, write_semeval: Callable[..., Path]
) -> None:
    write_semeval(REVIEWS)
    frames = data(tmp_path, TASKS).frames("test")
    assert list(frames) == list(TASKS)
    assert all(list(frame.columns) == COLUMNS and frame.empty for frame in frames.values())


def test_undeclared_label_names_file_line_and_sentence(
    tmp_path: Path, write_semeval: Callable[..., Path]
) -> None:
    path = write_semeval(REVIEWS)
    task = SpanClassification(corpus="sentences", layer="polarity", labels=("positive",))
    with pytest.raises(InputError) as caught:
        data(tmp_path, {"sentiment": task}).frames()
    error = caught.value
    assert (error.file, error.line, error.sentence) == (path, 4, "7:0")
    assert error.found == "«negative»"
