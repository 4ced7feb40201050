"""JSON lines: the objects of the input with annotations."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.formats import THANKS, Words, conversion_error, convert, convert_skipping
from support.messages import assert_names

ROOM = "كانت الغرفة جيدة"
FACTS = Words().annotation(ROOM).as_dict()
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None), max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.text(st.characters(codec=None), max_size=3), inside, max_size=3)
    ),
)


def test_annotation_fields_are_added() -> None:
    label = {
        kind: {"label": name, "score": 0.5}
        for kind, name in (("ner", "ROOMS"), ("kind", "ROOMS#GENERAL"), ("mood", "positive"))
    }
    (line,) = convert(json.dumps({"id": 7, "text": ROOM, "ok": None}), "jsonl").splitlines()
    assert json.loads(line) == {
        "id": 7,
        "text": ROOM,
        "ok": None,
        "spans": [{"start": 5, "end": 11, "text": "الغرفة", "labels": label}],
        "labels": {"kind": [label["kind"]]},
    }
    assert list(json.loads(line)) == ["id", "text", "ok", "spans", "labels"]
    assert ROOM in line


@given(
    fields=st.dictionaries(st.text(st.characters(codec=None), max_size=3), JSON, max_size=4),
    text=st.text(st.characters(codec=None), max_size=9),
)
def test_other_fields_are_unchanged(fields: dict[str, Any], text: str) -> None:
    value = {**fields, "text": text}
    (line,) = convert(json.dumps(value) + "\n", "jsonl").split("\n")[:-1]
    assert json.loads(line) == {**value, "spans": [], "labels": {"kind": []}}


def test_lone_surrogates_stay_escaped() -> None:
    output = convert('{"text": "\\ud83d الغرفة", "\\udc00": "\\ud800"}', "jsonl")
    assert output.startswith('{"text": "\\ud83d الغرفة", "\\udc00": "\\ud800", ')
    assert json.loads(output)["spans"][0]["start"] == 2


def test_earlier_annotations_are_replaced() -> None:
    value = {"spans": "old", "text": THANKS, "labels": 1}
    output = json.loads(convert(json.dumps(value), "jsonl"))
    assert list(output) == ["spans", "text", "labels"]
    assert output["labels"] == {"kind": [{"label": "HOTEL#GENERAL", "score": 0.5}]}


def test_text_field_can_have_another_name() -> None:
    value = {"text": 3, "tweet": ROOM}
    output = json.loads(convert(json.dumps(value), "jsonl", text="tweet"))
    assert output == {**value, "spans": FACTS["spans"], "labels": FACTS["labels"]}


def test_blank_lines_are_ignored() -> None:
    assert convert('\n \r\n{"text": ""}\n\n', "jsonl").count("\n") == 1


BROKEN = {
    '{"text": ': ["character 9"],
    "{'text': 1}": ["property name"],
    '["text"]': ["list", '["text"]'],
    "3": ["int", "3"],
    '{"tweet": "a"}': [" tweet"],
    "{}": ["fields"],
    '{"text": null}': ["text: null"],
    '{"text": ["a"]}': ['text: ["a"]'],
    '{"text": "a", "n": NaN}': ["NaN"],
    '{"text": "a", "n": -1e999}': ["-1e999"],
    '{"text": "a", "n": ' + "1" * 5000 + "}": ["4300 digits"],
    '{"text": ' + "[" * 50_000: ["recursion"],
    '{"text": "' + "a" * 101 + '"}': ["101"],
}
OBJECT = '{"text": "…"}'
VALID_JSON = ['["text"]', "3", '{"tweet": "a"}', "{}", '{"text": null}', '{"text": ["a"]}']


@pytest.mark.parametrize("line", BROKEN, ids=[line[:20] for line in BROKEN])
def test_broken_lines_are_rejected(line: str) -> None:
    error = conversion_error(f'\n{{"text": ""}}\n{line}\n', "jsonl")
    assert_names(error.found, *BROKEN[line])
    assert (OBJECT in str(error.expected)) is (line in VALID_JSON)
    assert len(str(error.found)) < 300
    assert error.line == 3


def test_only_broken_lines_are_skipped() -> None:
    good = [json.dumps({"text": f"{n}"}) for n in range(len(BROKEN) + 1)]
    mixed = [line for pair in zip(good, [*BROKEN, ""], strict=True) for line in pair]
    output, errors = convert_skipping("\n".join(mixed).encode() + b'\n{"text": "\xff"}', "jsonl")
    assert [json.loads(line)["text"] for line in output.splitlines()] == [
        f"{n}" for n in range(len(good))
    ]
    assert [error.line for error in errors] == [*range(2, 2 * len(BROKEN) + 1, 2), 29]
    assert_names(errors[-1].rule, "UTF-8")
    assert_names(errors[-1].found, "0xff")
