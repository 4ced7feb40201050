"""Encoded tables: exact rows, atomic writes, content keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset

from arabic_mtl.data.cache import read_table, write_table
from arabic_mtl.data.content import content_key
from arabic_mtl.documents import Example, Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats import SemEval2016
from arabic_mtl.tasks import (
    MultiLabelClassification,
    SequenceClassification,
    SpanClassification,
    Task,
    TokenClassification,
)
from arabic_mtl.text import TextPipeline
from arabic_mtl.text.encoding import FIELDS

TASKS: dict[str, Task] = {
    "polarity": SequenceClassification(corpus="reviews", layer="polarity", labels=("p", "n")),
    "category": MultiLabelClassification(corpus="reviews", layer="category", labels=("A", "B")),
    "ner": TokenClassification(corpus="reviews", layer="entity", labels=("E",)),
    "sentiment": SpanClassification(corpus="reviews", layer="polarity", labels=("p", "n")),
}
LABELLED = Example(
    id="1",
    group="1",
    text="والغرفة نظيفة",
    pair="الغرفة",
    labels={"polarity": ("n",), "category": ("B", "A")},
    spans={"entity": (Span(1, 7, "E"),), "polarity": (Span(0, 0, "n"), Span(1, 7, "p"))},
    line=7,
)
BARE = Example(id="2", group="1", text="شكرا", line=8)


def write(path: Path, examples: Iterable[Example], text: TextPipeline) -> Dataset:
    source = Path("source.xml")
    write_table(path, examples, TASKS, text, source=source)
    return read_table(path)


def refused(path: Path, examples: Iterable[Example], text: TextPipeline) -> InputError:
    """Returns the error of writing, which must leave no file."""
    with pytest.raises(InputError) as caught:
        write(path, examples, text)
    assert list(path.parent.iterdir()) == []
    return caught.value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "table.arrow"


def test_row(path: Path, text: TextPipeline) -> None:
    (row,) = write(path, [LABELLED], text).to_list()
    (encoding,) = text.encode([LABELLED.text], [LABELLED.pair])
    assert {name: row.pop(name) for name in FIELDS} == {
        name: getattr(encoding, name) for name in FIELDS
    }
    assert row == {
        "number": 0,
        "id": "1",
        "group": "1",
        "text": "والغرفة نظيفة",
        "pair": "الغرفة",
        "task_polarity": 1,
        "task_category": {"labels": [1, 0], "spans": None},
        "task_ner": {"words": [[1, 1, 0, 0, 0]], "gold": [[1, 7, 0]]},
        "task_sentiment": [[0, 0, 0, 7, 1, -1], [1, 7, 2, 3, 0, -1]],
        "items_polarity": 1,
        "items_category": 1,
        "items_ner": 3,
        "items_sentiment": 2,
    }


def test_write_table_skips_unlabelled_examples(path: Path, text: TextPipeline) -> None:
    table = write(path, [BARE, LABELLED, BARE, LABELLED], text)
    assert table["id"][:] == ["1", "1"]
    assert table["number"][:] == [0, 1]


def test_write_table_keeps_examples_with_one_labelled_task(path: Path, text: TextPipeline) -> None:
    example = Example(id="3", group="1", text="نص", labels={"category": ()})
    (row,) = write(path, [BARE, example], text).to_list()
    tasks = {name: row[f"task_{name}"] for name in TASKS}
    empty: dict[str, Any] = {"labels": [], "spans": None}
    assert tasks == {"polarity": None, "category": empty, "ner": None, "sentiment": None}
    items = {name: row[f"items_{name}"] for name in TASKS}
    assert items == {"polarity": 0, "category": 1, "ner": 0, "sentiment": 0}


def test_write_table_keeps_the_order_of_examples(path: Path, text: TextPipeline) -> None:
    examples = (
        Example(id=str(n), group="1", text=f"نص {n}", labels={"category": ()}) for n in range(2001)
    )
    table = write(path, examples, text)
    assert table["id"][:] == [str(n) for n in range(2001)]
    assert table["number"][:] == list(range(2001))
    assert table["text"][:] == [f"نص {n}" for n in range(2001)]


@pytest.mark.parametrize(
    ("layers", "layer", "label", "declared"),
    [
        ({"labels": {"polarity": ("conflict",)}}, "polarity", "conflict", "p, n"),
        ({"labels": {"category": ("A", "C")}}, "category", "C", "A, B"),
        ({"spans": {"entity": (Span(0, 2, "F"),)}}, "entity", "F", "E"),
        ({"spans": {"polarity": (Span(0, 0, ""),)}}, "polarity", "", "p, n"),
    ],
)
def test_undeclared_label_is_refused(
    path: Path, text: TextPipeline, layers: Any, layer: str, label: str, declared: str
) -> None:
    bad = Example(id="9:1", group="9", text="نص", line=31, **layers)
    error = refused(path, [LABELLED, bad], text)
    assert (error.file, error.line, error.sentence) == (Path("source.xml"), 31, "9:1")
    assert f"'{layer}'" in error.rule
    assert (error.found, error.expected) == (f"«{label}»", declared)
    for part in ("source.xml", "line 31", "sentence 9:1", f"«{label}»", declared):
        assert part in str(error)


def test_undeclared_label_of_a_file_is_refused(
    path: Path, text: TextPipeline, write_semeval: Callable[..., Path]
) -> None:
    opinion = ("NULL", "A#B", "conflict")
    source = write_semeval({"5": [("نص", []), ("نص", [opinion])]})
    tasks = {"sentiment": TASKS["sentiment"]}
    path.parent.mkdir()
    examples = SemEval2016().read(source)
    with pytest.raises(InputError) as caught:
        write_table(path, examples, tasks, text, source=source)
    error = caught.value
    assert (error.file, error.line, error.sentence) == (source, 5, "5:1")
    assert (error.found, error.expected) == ("«conflict»", "p, n")
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("examples", [[], [BARE, BARE]], ids=["empty", "unlabelled"])
def test_table_without_rows_is_refused(
    path: Path, text: TextPipeline, examples: list[Example]
) -> None:
    error = refused(path, examples, text)
    assert (error.file, error.line, error.sentence) == (Path("source.xml"), None, None)


def test_interrupted_write_table_leaves_no_file(path: Path, text: TextPipeline) -> None:
    def interrupted() -> Iterator[Example]:
        yield from [LABELLED] * 1500
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, interrupted(), text)
    assert list(path.parent.iterdir()) == []


def test_write_table_keeps_an_existing_table(path: Path, text: TextPipeline) -> None:
    write(path, [LABELLED], text)
    initial = path.stat().st_mtime_ns
    examples = iter([LABELLED, LABELLED])
    assert len(write(path, examples, text)) == 1
    assert path.stat().st_mtime_ns == initial
    assert len(list(examples)) == 2  # not consumed
    assert sorted(file.name for file in path.parent.iterdir()) == ["table.arrow", "table.json"]


def test_content_key_hashes_the_bytes_of_a_file(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    first.write_bytes(b"same")
    second.write_bytes(b"same")
    os.utime(second, (0, 0))
    assert content_key(first) == content_key(second)
    second.write_bytes(b"other")
    assert content_key(first) != content_key(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("a", "b"), ("b", "a")),
        (({"a": 1},), ({"a": 2},)),
        ((["a"],), (["a", "a"],)),
        ((None,), (False,)),
        ((0.1, 23), (0.12, 3)),
        ((1, 2), (12,)),
    ],
)
def test_content_key_differs_for_different_parts(
    first: tuple[Any, ...], second: tuple[Any, ...]
) -> None:
    assert content_key(*first) == content_key(*first)
    assert content_key(*first) != content_key(*second)


def test_content_key_ignores_the_order_of_settings() -> None:
    assert content_key({"a": 1, "b": ("x",)}) == content_key({"b": ["x"], "a": 1})
