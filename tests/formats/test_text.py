"""Plain text: each line is a text, and no line is lost."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from support.formats import convert, convert_skipping
from support.messages import assert_names


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\ufeff"), max_size=9)))
def test_each_line_is_a_text(texts: list[str]) -> None:
    for end in ("\n", "\r\n"):
        output = convert("".join(text + end for text in texts), "text", "jsonl")
        assert [json.loads(line)["text"] for line in output.split("\n")[:-1]] == texts


def test_output_has_annotations() -> None:
    first, second = convert("العشاء\n ", "text", "jsonl").splitlines()
    assert list(json.loads(first)) == ["text", "spans", "labels"]
    assert json.loads(first)["spans"][0]["labels"]["mood"] == {"label": "neutral", "score": 0.5}
    assert json.loads(second) == {"text": " ", "spans": [], "labels": {"kind": []}}


def test_only_broken_lines_are_skipped() -> None:
    output, errors = convert_skipping(b"a\n\xffb\n" + b"c" * 101 + b"\nd", "text")
    assert [json.loads(line)["text"] for line in output.splitlines()] == ["a", "d"]
    assert [error.line for error in errors] == [2, 3]
    assert_names(errors[0].rule, "UTF-8")
    assert_names(errors[1].found, "101")


def test_empty_file_has_no_texts() -> None:
    assert convert("", "text", "jsonl") == ""
