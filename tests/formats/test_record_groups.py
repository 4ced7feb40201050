"""The groups of records, and texts without a visible character."""

from __future__ import annotations

import pytest

from support.records import as_lines, read, read_noticing, refused


def test_equal_texts_and_pairs_are_one_group() -> None:
    records = [("a", 1), ("a", 2), ("b", 2), ("c", 3), ("c", None)]
    lines = as_lines(*({"text": text, "user": user} for text, user in records))
    groups = [example.group for example in read(lines, group="user")]
    assert [groups.index(group) for group in groups] == [0, 0, 0, 3, 3]
    lines = as_lines({"text": "a", "b": "x"}, {"text": "c", "b": "a"}, {"text": "d", "b": "e"})
    groups = [example.group for example in read(lines, pair="b", group=["text", "b"])]
    assert [groups.index(group) for group in groups] == [0, 0, 2]


def test_keys_of_groups_must_be_in_a_record() -> None:
    lines = as_lines({"text": "a", "user": None}, {"text": "b", "user": 1}, {"text": "c"})
    assert len(read(lines, group="user")) == 3
    error = refused(lines, group=["user", "author"])
    assert error.rule == "`group` must name keys of the file's records"
    assert (error.found, error.expected) == (
        "no author in any record",
        "one of the first record's keys: text, user",
    )
    assert read(b"", group="author") == []


@pytest.mark.parametrize("text", ["", " \n", "\u200f", "\ufeff\u200b "])
def test_labelled_texts_must_be_visible(text: str) -> None:
    error = refused(as_lines({"text": text, "mood": "good"}), labels={"mood": "mood"})
    assert error.rule == "a text with labels must have a visible character"
    (example,) = read(as_lines({"text": text}), labels={"mood": "mood"})
    assert (example.text, example.labels) == (text, {})


def test_texts_with_a_known_id_are_skipped_one_by_one() -> None:
    lines = as_lines(
        *({"id": name, "text": f"نص {name}"} for name in "abab"), {"id": "c", "text": "ج"}
    )
    assert refused(lines, id="id").found == "a second text with id a"
    ((*examples,), notices) = read_noticing(lines, id="id", on_error="skip")
    assert [example.id for example in examples] == ["a", "b", "c"]
    assert notices == {"example skipped: the ids of texts must be unique in a file": (2, 3)}
