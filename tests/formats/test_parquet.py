"""Parquet files: types of columns, values that are absent, and damaged files."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.errors import InputError
from arabic_mtl.formats import Notices, Table
from support.formats import convert
from support.messages import assert_names
from support.tables import read_table, table_error


def parquet(rows_in_group: int | None = None, **columns: Any) -> bytes:
    """Returns a Parquet file with some columns."""
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, row_group_size=rows_in_group)
    return file.getvalue()


def test_columns_of_all_types_are_read(tmp_path: Path) -> None:
    content = parquet(
        rows_in_group=2,
        text=["ا ", "ب", "ج"],
        n=[1, 2, None],
        score=[1.0, 0.5, float("nan")],
        flag=[True, False, None],
        kind=pa.array(["x", None, "x"]).dictionary_encode(),
        tags=[["a", "b"], [], None],
        numbers=pa.array([[1], [2, 2], [3]], pa.list_(pa.int8())),
    )
    layers = ("n", "score", "flag", "kind", "tags", "numbers")
    examples, notices = read_table(
        tmp_path, content, name="a.parquet", labels={layer: layer for layer in layers}
    )
    assert [example.text for example in examples] == ["ا ", "ب", "ج"]
    assert [example.line for example in examples] == [1, 2, 3]
    assert [example.labels for example in examples] == [
        {
            "n": ("1",),
            "score": ("1.0",),
            "flag": ("TRUE",),
            "kind": ("x",),
            "tags": ("a", "b"),
            "numbers": ("1",),
        },
        {"n": ("2",), "score": ("0.5",), "flag": ("FALSE",), "tags": (), "numbers": ("2",)},
        {"kind": ("x",), "numbers": ("3",)},
    ]
    assert notices == [("label repeated in a cell", 1, 2)]


def test_columns_of_0_and_1(tmp_path: Path) -> None:
    content = parquet(text=["ا", "ب"], anger=[0, None], joy=[1, None])
    labels = {"emotion": {"columns": ["anger", "joy"]}}
    examples, _ = read_table(tmp_path, content, name="a", labels=labels, missing=["-"])
    assert [example.labels for example in examples] == [{"emotion": ("joy",)}, {}]


def test_absent_texts_are_empty(tmp_path: Path) -> None:
    content = parquet(text=["ا", None], l=["x", "y"])
    error = table_error(tmp_path, content, name="a.parquet", labels={"l": "l"})
    assert error.line == 2
    assert_names(error.expected, "`empty: skip`")


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ([{"a": 1}], "struct"),
        ([[["a"]]], "list"),
        ([datetime.date(2026, 5, 1)], "date32"),
        ([b"a"], "binary"),
    ],
)
def test_other_types_are_refused_where_they_are_used(
    tmp_path: Path, column: list[Any], kind: str
) -> None:
    content = parquet(text=["ا"], l=column)
    error = table_error(tmp_path, content, name="a.parquet", labels={"l": "l"})
    assert error.line == 1
    assert_names(error.found, kind, "column l")
    assert len(read_table(tmp_path, content, name="a.parquet")[0]) == 1
    assert convert(content, "parquet", "csv").startswith("text,l,kind,spans\nا,")


def test_parquet_becomes_csv_and_json_lines() -> None:
    content = parquet(text=["ا"], tags=[["a", "b"]], n=pa.array([None], pa.int32()))
    assert convert(content, "parquet", "csv") == (
        'text,tags,n,kind,spans\nا,"[""a"", ""b""]",,,[]\n'
    )
    assert '"tags": ["a", "b"], "n": null' in convert(content, "parquet", "jsonl")


def test_tables_without_rows_have_no_examples(tmp_path: Path) -> None:
    content = parquet(text=pa.array([], pa.string()))
    assert read_table(tmp_path, content, name="a.parquet") == ([], [])


def test_column_names_cannot_be_set(tmp_path: Path) -> None:
    error = table_error(tmp_path, parquet(a=["ا"]), name="a.parquet", header=["text"])
    assert_names(error.rule, "`header`")


def test_lists_are_no_texts(tmp_path: Path) -> None:
    content = parquet(text=[["ا", "ب"]])
    error = table_error(tmp_path, content, name="a.parquet")
    assert_names(error.found, "a list: ا, ب")


CONTENT = parquet(text=["ا", "ب"] * 9, n=[1, 2] * 9)


@given(st.integers(4, len(CONTENT) - 1), st.binary(min_size=1, max_size=3))
def test_any_damage_ends_in_examples_or_one_error(
    tmp_path_factory: pytest.TempPathFactory, start: int, patch: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.parquet"
    path.write_bytes(CONTENT[:start] + patch + CONTENT[start + len(patch) :])
    try:
        found: object = [example.line for example in Table().read(path, Notices())]
    except InputError as error:
        found = error.line
    assert found is not None
