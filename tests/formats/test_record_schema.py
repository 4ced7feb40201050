"""The schema of JSON records: it accepts what `Records` reads, and refuses what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from support.paths import ROOT
from support.records import as_lines, read, read_noticing

SCHEMA = json.loads((ROOT / "docs/schemas/records.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
TEXT = "زار ليث عدن"
OPTIONS: dict[str, Any] = {
    "labels": {"m": "labels"},
    "spans": {"s": "spans", "w": {"key": "entities", "by": "text"}},
}
SCORE = {"label": "a", "score": 0.5}
PREDICTED = {"start": 4, "end": 7, "text": "ليث", "labels": {"s": SCORE, "m": SCORE}}

SPAN = {"start": 4, "end": 7, "label": "a"}
DOCCANO = {"start_offset": 4, "end_offset": 7, "labels": ["a", "b"], "text": "ليث", "id": 1}

READ: dict[str, list[Any]] = {
    "labels": [
        *(None, "a", 3, 1.5, False, [], ["a", 2], [SCORE], SCORE),
        *({}, {"a": 1, "b": 0.0, "c": True}, {"m": [SCORE], "x": []}, {"label": 1, "other": 0}),
    ],
    "spans": [
        *(None, [], [[4, 7, "a"]], [[4, 7, 1], [0, 3, True]], [SPAN], [DOCCANO, SPAN]),
        *([PREDICTED, {**PREDICTED, "start": 0, "end": 0}], [{**PREDICTED, "labels": {}}]),
    ],
    "entities": [
        *(None, [], {}, [{"text": "ليث", "label": "a"}], [["ليث", "a"]]),
        *({"a": ["ليث"], "b": "عدن"}, {"a": []}),
    ],
}
REFUSED: dict[str, list[Any]] = {
    "labels": [
        *("", " ", [None], [[]], {"a": 0.5}, {"a": "b"}, {"a": None}, {"label": None}, [{"a": 1}]),
    ],
    "spans": [
        *({}, "a", 1, [1], [[4, 7]], [[4, 7, ""]], [["4", 7, "a"]], [[4, 7, None]]),
        *([[4, None, "a"]], [{"start": 4, "label": "a"}], [{"start": 4, "end": 7}]),
        *([{"label": "a"}], [{**SPAN, "label": []}], [{**SPAN, "text": 1}]),
    ],
    "entities": [
        *("ليث", [["ليث"]], [["", "a"]], [{"text": " ", "label": "a"}], [{"text": "ليث"}]),
        *({"a": 1}, {"a": [1]}, [1]),
    ],
}
CASES = [
    (key, value, cases is READ)
    for cases in (READ, REFUSED)
    for key, values in cases.items()
    for value in values
]


@pytest.mark.parametrize(("key", "value", "is_read"), CASES)
def test_schema_and_reader_agree_on_annotations(key: str, value: Any, is_read: bool) -> None:
    record = {"text": TEXT, key: value}
    assert VALIDATOR.is_valid(record) is is_read
    examples, notices = read_noticing(as_lines(record), **OPTIONS, on_error="skip")
    assert (len(examples) == 1) is is_read
    assert any("skipped" in rule for rule in notices) is not is_read
    assert VALIDATOR.is_valid([TEXT, {key: value}]) is True


@pytest.mark.parametrize(
    ("record", "is_read"),
    [
        ({"text": ""}, True),
        ({"text": None}, False),
        ({}, False),
        ("a", False),
        (["a", {}], True),
        (["a", {"text": "b"}], False),
        (["a"], False),
        ([1, {}], False),
    ],
)
def test_schema_and_reader_agree_on_records(record: Any, is_read: bool) -> None:
    assert VALIDATOR.is_valid(record) is is_read
    assert (len(read(as_lines({"text": "b"}, record), on_error="skip")) == 2) is is_read


@pytest.mark.parametrize(
    ("record", "is_read"),
    [
        ({"tokens": ["a", "b"], "tags": ["O", "B-A"]}, True),
        ({"tokens": [], "tags": None}, True),
        ({"tokens": [""], "tags": ["O"]}, False),
        ({"tokens": ["a"], "tags": [None]}, False),
    ],
)
def test_schema_and_reader_agree_on_words(record: Any, is_read: bool) -> None:
    assert VALIDATOR.is_valid(record) is is_read
    examples = read(as_lines(record), tokens="tokens", tags={"n": "tags"}, on_error="skip")
    assert (len(examples) == 1) is is_read
