"""Guessed options of JSON files: they read the file, and doubts name what is uncertain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.formats import Guess, Records, Text
from support.records import as_lines, read, spans

TEXT = "زار ليث مدينة عدن"
MANY = [{"text": f"{TEXT} {n}", "label": ["good", "bad"][n % 2]} for n in range(20)]


def guess(content: str | bytes, name: str = "a.jsonl") -> Guess:
    """Returns the guess for a file; its options read the file."""
    found = Records.sniff(content.encode() if isinstance(content, str) else content, name)
    assert found is not None
    assert read(content, **found.options)
    return found


def options(*records: Any) -> dict[str, Any]:
    """Returns the guessed options of JSON lines, which are those of an array, too."""
    found = dict(guess(as_lines(*records)).options)
    assert guess(json.dumps(records)).options == found
    return found


def doubted(found: Guess) -> str:
    return "\n".join(found.doubts)


def test_labelled_texts() -> None:
    assert options(*MANY) == {"text": "text", "labels": {"label": "label"}}
    assert guess(as_lines(*MANY)).doubts == []
    keys = [{"id": n, "source": f"s{n % 4}", **record} for n, record in enumerate(MANY)]
    found = guess(as_lines(*keys))
    assert found.options == {
        "text": "text",
        "id": "id",
        "labels": {"source": "source", "label": "label"},
    }
    assert "`source`" in doubted(found)
    assert "`id`" in doubted(found)


def test_text_is_the_longest_arabic_string() -> None:
    record = {
        "url": "https://example.org/" + "a" * 99,
        "meta": {"body": TEXT, "title": "عدن كبيرة"},
    }
    found = guess(as_lines(record, record))
    assert found.options["text"] == "meta.body"
    assert "`meta.title`" in doubted(found)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"label": [[4, 7, "P"]]}, {"spans": {"label": "label"}}),
        (
            {"entities": [{"id": 1, "start_offset": 4, "end_offset": 7, "label": "P"}]},
            {"spans": {"entities": "entities"}},
        ),
        (
            {"entities": [[4, 7, "P"]], "cats": ["good"]},
            {"spans": {"entities": "entities"}, "labels": {"cats": "cats"}},
        ),
        (
            {"spans": [{"start": 4, "end": 7, "label": "P"}], "tokens": [{"id": 0, "text": "زار"}]},
            {"spans": {"spans": "spans"}},
        ),
        (
            {"spans": [{"start": 4, "end": 7, "type": "P"}], "_view_id": "ner", "accept": ["x"]},
            {"spans": {"spans": "spans.type"}, "labels": {"accept": "accept"}},
        ),
        ({"cats": {"good": 1.0, "bad": 0.0}}, {"labels": {"cats": "cats"}}),
        ({"answer": "a city"}, {"accept": {}}),
        ({"answer": "reject"}, {}),
        (
            {"entities": [{"text": "ليث", "label": "P"}]},
            {"spans": {"entities": {"key": "entities", "by": "text"}}},
        ),
        (
            {"out": {"P": ["ليث"], "L": ["عدن"]}},
            {"spans": {"out": {"key": "out", "by": "text"}}},
        ),
        (
            {"out": [{"word": "ليث", "type": "P"}]},
            {"spans": {"out": {"key": "out.type", "by": "word"}}},
        ),
    ],
)
def test_exports_of_tools(record: dict[str, Any], expected: dict[str, Any]) -> None:
    found = Records.sniff(as_lines({"text": TEXT, **record}).encode(), "a.jsonl")
    assert found is not None
    assert found.options == {"text": "text", **expected}
    examples = read(as_lines({"text": TEXT, **record}), **found.options)
    for layer in expected.get("spans", {}):
        assert (4, 7, "P") in spans(examples[0], layer)


def test_pairs() -> None:
    lists = [[TEXT, {"entities": [[4, 7, "P"]]}], ["عدن", {"entities": []}]]
    assert options(*lists) == {"text": "text", "spans": {"entities": "entities"}}
    questions = [{"question1": TEXT, "question2": f"أين {n}", "label": n % 2} for n in range(4)]
    assert options(*questions) == {
        "text": "question1",
        "pair": "question2",
        "group": ["question1", "question2"],
        "labels": {"label": "label"},
    }


def test_words_with_tags() -> None:
    record = {"tokens": ["زار", "ليث"], "ner_tags": ["O", "B-P"], "pos": ["V", "N"]}
    assert options(record, record) == {"tokens": "tokens", "tags": {"ner": "ner_tags"}}
    found = Records.sniff(as_lines({"text": TEXT, "tokens": ["a"], "ner_tags": [1]}).encode(), "a")
    assert found is not None
    assert found.options == {"text": "text"}
    assert "rename" in doubted(found)
    assert options({"words": ["ا", "ب"], "n": [1, 0]}) == {"tokens": "words"}


@pytest.mark.parametrize(
    ("start", "end", "words", "unit", "is_doubted"),
    [
        (2, 8, None, "characters", True),
        (3, 9, None, "utf-16", True),
        (3, 9, "الغرفة", "utf-16", False),
    ],
)
def test_unit_of_offsets(
    start: int, end: int, words: str | None, unit: str, is_doubted: bool
) -> None:
    span = {"start": start, "end": end, "label": "R", **({"text": words} if words else {})}
    content = as_lines({"text": "😍 الغرفة نظيفة", "spans": [span]})
    found = guess(content)
    assert found.options["offsets"] == unit
    assert ("`offsets" in doubted(found)) is is_doubted
    assert spans(read(content, **found.options)[0], "spans") == [(2, 8, "R")]


def test_bytes_are_guessed_if_they_cut_fewer_words() -> None:
    start, end = (len(TEXT[:offset].encode()) for offset in (0, 3))
    for words in ({}, {"text": "زار"}):
        span = {"start": start, "end": end, "label": "P", **words}
        found = guess(as_lines({"text": TEXT, "spans": [span]}))
        assert found.options["offsets"] == "bytes"
        assert spans(read(as_lines({"text": TEXT, "spans": [span]}), **found.options)[0], "spans")
    plain = {"text": TEXT, "spans": [{"start": 4, "end": 7, "label": "P"}]}
    assert "offsets" not in guess(as_lines(plain)).options


def test_words_without_a_clear_place_are_left_out_and_doubted() -> None:
    texts = [["عدن", "L"], ["صنعاء", "L"], ["ليث", "P"], ["زار", "V"]]
    found = guess(as_lines({"text": f"{TEXT} عدن", "x": texts}))
    assert found.options["spans"] == {
        "x": {"key": "x", "by": "text", "absent": "skip", "ambiguous": "skip"}
    }
    assert "absent" in doubted(found)
    assert "ambiguous" in doubted(found)


def test_the_parent_of_the_text_has_no_spans() -> None:
    assert options(*({"data": {"text": TEXT, "name": TEXT}, "label": n} for n in "ab")) == {
        "text": "data.text",
        "labels": {"label": "label"},
    }


def test_tasks_of_label_studio_are_not_guessed() -> None:
    value = {"start": 0, "end": 3, "labels": ["LOC"]}
    result = [{"from_name": "ner", "to_name": "text", "type": "labels", "value": value}]
    task = {"id": 1, "data": {"text": TEXT}, "annotations": [{"result": result}]}
    assert Records.sniff(json.dumps([task]).encode(), "tasks.json") is None


def test_file_that_is_cut() -> None:
    content = as_lines(*MANY).encode()
    for end in (len(content) - 1, len(content) // 2):
        assert Records.sniff(content[:end], "a.jsonl") == guess(content)
    array = json.dumps(MANY, ensure_ascii=False, indent=2).encode()
    cut = Records.sniff(array[: len(array) // 2], "a.json")
    assert cut is not None
    assert cut.options == guess(array).options


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_with_a_mark(encoding: str) -> None:
    assert guess(as_lines(*MANY).encode(encoding)).options == guess(as_lines(*MANY)).options


def test_encoding_without_a_mark_is_doubted() -> None:
    found = guess(as_lines(*MANY).encode("cp1256"))
    assert found.options["encoding"] == "windows-1256"
    assert "`encoding" in doubted(found)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("text,label\nطيب,good\n", "a.csv"),
        ("[1, 2]", "a.json"),
        ("{'text': 1}\n", "a.json"),
        ("", "a.json"),
        ("زار O\nليث B-P\n", "a.txt"),
        ("-DOCSTART- O\n", "a.txt"),
    ],
)
def test_other_files_are_not_guessed(content: str, name: str) -> None:
    assert Records.sniff(content.encode(), name) is None


def test_sets_of_other_formats_are_not_guessed(data_folder: Path) -> None:
    for path in sorted(data_folder.glob("*/*")):
        if path.suffix in (".xml", ".csv", ".tsv", ".txt", ".A"):
            with path.open("rb") as file:
                assert Records.sniff(file.read(2**18), path.name) is None


def test_plain_text_is_an_uncertain_guess() -> None:
    found, other = Text.sniff("ا\nب\n\nج".encode(), "a.TXT"), Text.sniff(b"", "a.csv")
    assert other is None
    assert found is not None
    assert (found.options, found.certainty < 0.3) == ({}, True)
    assert "unit: document" in doubted(found)
    assert Text.sniff("ا\nب\n\n".encode(), "a.txt") == Guess({}, found.certainty, [])


@pytest.fixture
def data_folder(hotels: Path) -> Path:
    return hotels.parent


@pytest.mark.parametrize("span", [[9, 5, "PER"], [0, 3], ["0", "3", "PER"], [0, 3, ""]])
def test_one_invalid_span_does_not_hide_the_others(span: list[Any]) -> None:
    """The key is read as spans, so that reading the file names the invalid one."""
    records = [{"text": TEXT, "label": [[4, 7, "PER"]]} for _ in range(20)]
    found = Records.sniff(as_lines(*records, {"text": TEXT, "label": [span]}).encode(), "a.jsonl")
    assert found is not None
    assert found.options["spans"] == {"label": "label"}
