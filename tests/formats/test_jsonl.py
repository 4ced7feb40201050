"""JSON lines: the same objects, with what was found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.formats import THANKS, Words, converted, refusal, skipping
from support.messages import assert_names

ROOM = "كانت الغرفة جيدة"
SAID = Words().annotation(ROOM).as_dict()
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


def test_what_is_added() -> None:
    label = {
        kind: {"label": name, "score": 0.5}
        for kind, name in (("ner", "ROOMS"), ("kind", "ROOMS#GENERAL"), ("mood", "positive"))
    }
    (line,) = converted(json.dumps({"id": 7, "text": ROOM, "ok": None}), "jsonl").splitlines()
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
def test_the_same_object_comes_back(fields: dict[str, Any], text: str) -> None:
    given = {**fields, "text": text}
    (line,) = converted(json.dumps(given) + "\n", "jsonl").split("\n")[:-1]
    assert json.loads(line) == {**given, "spans": [], "labels": {"kind": []}}


def test_half_a_character_stays_an_escape() -> None:
    written = converted('{"text": "\\ud83d الغرفة", "\\udc00": "\\ud800"}', "jsonl")
    assert written.startswith('{"text": "\\ud83d الغرفة", "\\udc00": "\\ud800", ')
    assert json.loads(written)["spans"][0]["start"] == 2


def test_what_was_found_before_is_replaced() -> None:
    given = {"spans": "old", "text": THANKS, "labels": 1}
    found = json.loads(converted(json.dumps(given), "jsonl"))
    assert list(found) == ["spans", "text", "labels"]
    assert found["labels"] == {"kind": [{"label": "HOTEL#GENERAL", "score": 0.5}]}


def test_another_field() -> None:
    found = json.loads(converted(json.dumps({"text": 3, "tweet": ROOM}), "jsonl", text="tweet"))
    assert found == {"text": 3, "tweet": ROOM, "spans": SAID["spans"], "labels": SAID["labels"]}


def test_blank_lines_are_no_objects() -> None:
    assert converted('\n \r\n{"text": ""}\n\n', "jsonl").count("\n") == 1


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
OTHERS = ['["text"]', "3", '{"tweet": "a"}', "{}", '{"text": null}', '{"text": ["a"]}']  # JSON


@pytest.mark.parametrize("line", BROKEN, ids=[line[:20] for line in BROKEN])
def test_broken_lines(line: str) -> None:
    error = refusal(f'\n{{"text": ""}}\n{line}\n', "jsonl")
    assert_names(error.found, *BROKEN[line])
    assert (OBJECT in str(error.expected)) is (line in OTHERS)
    assert len(str(error.found)) < 300
    assert error.line == 3


def test_broken_lines_are_skipped_alone() -> None:
    good = [json.dumps({"text": f"{n}"}) for n in range(len(BROKEN) + 1)]
    mixed = [line for pair in zip(good, [*BROKEN, ""], strict=True) for line in pair]
    written, refused = skipping("\n".join(mixed).encode() + b'\n{"text": "\xff"}', "jsonl")
    assert [json.loads(line)["text"] for line in written.splitlines()] == [
        f"{n}" for n in range(len(good))
    ]
    assert [error.line for error in refused] == [*range(2, 2 * len(BROKEN) + 1, 2), 29]
    assert_names(refused[-1].rule, "UTF-8")
    assert_names(refused[-1].found, "0xff")
