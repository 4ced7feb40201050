"""Tables: the columns of the input with annotations."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.formats import Words, conversion_error, convert, convert_skipping
from support.messages import assert_names

ROOM = "الغرفة و الموظفون"
SPANS = json.dumps(Words().annotation(ROOM).as_dict()["spans"], ensure_ascii=False)
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=8)


def rows(table: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(table, newline=""), delimiter=delimiter))


def table(content: list[list[str]], delimiter: str = ",") -> str:
    output = io.StringIO(newline="")
    csv.writer(output, delimiter=delimiter).writerows(content)
    return output.getvalue()


@pytest.mark.parametrize(("name", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_annotation_columns_are_added(name: str, delimiter: str) -> None:
    content = [["id", "text", "by"], ["1", ROOM, 'a "b"'], ["2", "", "c,\td\ne"]]
    assert rows(convert(table(content, delimiter), name), delimiter) == [
        ["id", "text", "by", "kind", "spans"],
        ["1", ROOM, 'a "b"', "ROOMS#GENERAL; SERVICE#GENERAL", SPANS],
        ["2", "", "c,\td\ne", "", "[]"],
    ]


@given(st.lists(st.lists(CELL, min_size=2, max_size=2)), st.sampled_from(["csv", "tsv"]))
def test_other_cells_are_unchanged(cells: list[list[str]], name: str) -> None:
    delimiter = {"csv": ",", "tsv": "\t"}[name]
    content = table([["a", "text"], *cells], delimiter)
    assert [row[:2] for row in rows(convert(content, name), delimiter)[1:]] == cells
    as_json = convert(content, name, "jsonl").split("\n")[:-1]
    assert [[json.loads(line)[key] for key in ("a", "text")] for line in as_json] == cells


def test_csv_can_be_converted_to_tsv() -> None:
    assert convert('text,a\n"x, y","1\t2"\n', "csv", "tsv") == (
        'text\ta\tkind\tspans\nx, y\t"1\t2"\t\t[]\n'
    )


def test_earlier_annotations_are_replaced() -> None:
    first = convert(f"text,n\n{ROOM},1\n", "csv")
    assert convert(first, "csv") == first
    assert rows(convert("kind,text\ngold,x\n", "csv")) == [
        ["kind", "text", "spans"],
        ["", "x", "[]"],
    ]


def test_text_column_can_have_another_name() -> None:
    output_rows = rows(convert(f"text,tweet\n{ROOM},\n1,{ROOM}\n", "csv", text="tweet"))
    assert [row[2] for row in output_rows] == ["kind", "", "ROOMS#GENERAL; SERVICE#GENERAL"]


def test_byte_order_mark_is_kept() -> None:
    output = convert('\ufefftext,n\n"a",1\n', "csv")
    assert output == "\ufefftext,n,kind,spans\na,1,,[]\n"
    assert convert(output, "csv") == output
    quoted = convert('\ufeff"a, b",text\n1,a\n', "csv")
    assert quoted == '\ufeff"a, b",text,kind,spans\n1,a,,[]\n'
    assert convert("\ufeffspans,text\n1,a\n", "csv") == "\ufeffspans,text,kind\n[],a,\n"
    assert json.loads(convert("\ufefftext,n\na,1\n", "csv", "jsonl"))["text"] == "a"


def test_cells_can_have_a_million_characters() -> None:
    long = "ا" * 1_000_000
    assert rows(convert(f"a,text\n{long},x\n", "csv"))[1] == [long, "x", "", "[]"]


def test_blank_lines_are_empty_cells_of_single_column_tables() -> None:
    assert convert("text\na\n\nb\n", "csv") == "text,kind,spans\na,,[]\n,,[]\nb,,[]\n"
    assert convert("\ntext,n\n\na,1\n\n", "csv") == "text,n,kind,spans\na,1,,[]\n"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", None),
        ("\n\n", None),
        ("a,b\n1,2\n", "a, b"),
        ("text,b,b\n1,2,3\n", "text, b, b"),
        (" text\n", " text"),
    ],
)
def test_bad_column_names_are_rejected(content: str, found: str | None) -> None:
    error = conversion_error(content, "csv")
    assert error.line == 1
    assert error.found == found or (found is None and "," not in str(error.found))
    assert_names(error.expected, " text ", "--field")


def test_broken_header_row_is_never_skipped() -> None:
    for content in (b'"text\na\n', b"text,\xff\na,b\n"):
        assert conversion_error(content, "csv").line == 1


BROKEN = {
    b"1": "1 ",
    b"1,2,3,4": "4 ",
    b"1,\xff,3": " 0xff ",
    b'1,"a"b,3': "',' expected after",
    b'1,"a,3': "unexpected end of data",
    b"1,a\rb,3": "new-line character",
    b"1," + b"x" * 101 + b",3": "101 ",
    b"1,2," + b"x" * (2**22 + 1): "field larger than field limit",
}


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_rows_are_rejected(broken: bytes) -> None:
    error = conversion_error(b"id,text,by\n1,,\n" + broken + b"\n", "csv")
    assert_names(error.found, BROKEN[broken])
    assert error.line == 3


@pytest.mark.parametrize("broken", BROKEN)
def test_only_broken_rows_are_skipped(broken: bytes) -> None:
    good = [b'7,"a\n""b""",8', b"9,c,10", b"11,d,12"]
    content = [b"id,text,by", good[0], broken, *good[1:], broken, b"13,e,14"]
    output, errors = convert_skipping(b"\n".join(content), "csv")
    assert [row[:3] for row in rows(output)[1:]] == [
        ["7", 'a\n"b"', "8"],
        ["9", "c", "10"],
        ["11", "d", "12"],
        ["13", "e", "14"],
    ]
    assert [error.line for error in errors] == [4, 7]


@given(st.lists(st.sampled_from(["1,a", '3,"c"', "5", '6,e""', '8,"f"g', ""]), max_size=12))
def test_all_other_rows_are_written(lines: list[str]) -> None:
    output, errors = convert_skipping("\n".join(["id,text", *lines]), "csv")
    valid_lines = [line for line in lines if line in ("1,a", '3,"c"', '6,e""')]
    assert [row[0] for row in rows(output)[1:]] == [line[0] for line in valid_lines]
    broken = [n for n, line in enumerate(lines, 2) if line in ("5", '8,"f"g')]
    assert [error.line for error in errors] == broken
