"""Plain text: each line is a text, and no line is lost."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Notice, Notices, Record, Text
from arabic_mtl.formats.encodings import MARKS
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


def documents(content: bytes | str, **options: str) -> tuple[list[Example], list[Notice]]:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    notices = Notices()
    records = Text(unit="document", **options).stream(file, notices=notices)
    return [record.example for record in records if record.example], list(notices)


def test_documents_are_between_blank_lines() -> None:
    content = "\n\nا \r\n\tب\n \t\n\r\nج\u2028د\n\n\nه\n"
    examples, notices = documents(content)
    assert [(example.id, example.text) for example in examples] == [
        ("line:3", "ا \r\n\tب"),
        ("line:7", "ج\u2028د"),
        ("line:10", "ه"),
    ]
    assert notices == [Notice("blank line of spaces", 1, 5, None)]
    assert documents("\n \n")[0] == []
    assert [e.text for e in documents("ا\nب".encode("utf-16"))[0]] == ["ا\nب"]


@given(st.lists(st.sampled_from(["ا", "b c", "", " ", "\ufeff"]), max_size=9))
def test_documents_have_all_lines_that_are_not_blank(texts: list[str]) -> None:
    content = "\n".join(["x", *texts])
    examples, _ = documents(content)
    kept = [line for example in examples for line in example.text.split("\n")]
    assert kept == [line for line in content.split("\n") if line.strip(" ")]


def test_documents_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arabic_mtl.formats.text._LONGEST", 5)
    errors: list[InputError] = []
    file = io.BytesIO(b"ab\ncd\nef\n\ngh\n")
    records = Text(unit="document").stream(file, on_error=errors.append)
    assert [record.line for record in records] == [5]
    assert [(error.line, error.found[:2]) for error in errors] == [(1, "9 ")]


def test_files_are_read_without_layers(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("طيب\n\n".encode("cp1256"))
    examples = list(Text(encoding="windows-1256").read(path))
    assert [(e.id, e.text, e.labels, e.spans) for e in examples] == [
        ("line:1", "طيب", {}, {}),
        ("line:2", "", {}, {}),
    ]


@given(st.binary(max_size=20), st.sampled_from(["line", "document"]))
def test_any_bytes_end_in_texts_or_one_error(content: bytes, unit: Any) -> None:
    outcomes: list[Record | InputError] = []
    records = Text(unit=unit).stream(io.BytesIO(content), on_error=outcomes.append)
    try:
        outcomes.extend(records)
    except InputError as error:  # the whole file has another encoding
        outcomes.append(error)
    assert all(outcome.line for outcome in outcomes)
    if content.strip(b" \t\r\n") not in (b"", *MARKS):
        assert outcomes
