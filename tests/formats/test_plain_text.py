"""Plain text: each line a text, none lost."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from support.formats import converted, skipping
from support.messages import assert_names


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\ufeff"), max_size=9)))
def test_every_line_is_a_text(texts: list[str]) -> None:
    for end in ("\n", "\r\n"):
        written = converted("".join(text + end for text in texts), "text", "jsonl")
        assert [json.loads(line)["text"] for line in written.split("\n")[:-1]] == texts


def test_what_is_said() -> None:
    first, second = converted("العشاء\n ", "text", "jsonl").splitlines()
    assert list(json.loads(first)) == ["text", "spans", "labels"]
    assert json.loads(first)["spans"][0]["labels"]["mood"] == {"label": "neutral", "score": 0.5}
    assert json.loads(second) == {"text": " ", "spans": [], "labels": {"kind": []}}


def test_broken_lines_are_skipped_alone() -> None:
    written, refused = skipping(b"a\n\xffb\n" + b"c" * 101 + b"\nd", "text")
    assert [json.loads(line)["text"] for line in written.splitlines()] == ["a", "d"]
    assert [error.line for error in refused] == [2, 3]
    assert_names(refused[0].rule, "UTF-8")
    assert_names(refused[1].found, "101")


def test_an_empty_file_has_no_texts() -> None:
    assert converted("", "text", "jsonl") == ""
