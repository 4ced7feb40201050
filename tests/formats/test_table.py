"""Tables: the same columns, and what was found."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.formats import Words, converted, refusal, skipping
from support.messages import assert_names

ROOM = "الغرفة و الموظفون"
SPANS = json.dumps(Words().annotation(ROOM).as_dict()["spans"], ensure_ascii=False)
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=8)


def rows(table: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(table, newline=""), delimiter=delimiter))


def table(content: list[list[str]], delimiter: str = ",") -> str:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows(content)
    return written.getvalue()


@pytest.mark.parametrize(("name", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_columns_and_what_is_added(name: str, delimiter: str) -> None:
    given = [["id", "text", "by"], ["1", ROOM, 'a "b"'], ["2", "", "c,\td\ne"]]
    assert rows(converted(table(given, delimiter), name), delimiter) == [
        ["id", "text", "by", "kind", "spans"],
        ["1", ROOM, 'a "b"', "ROOMS#GENERAL; SERVICE#GENERAL", SPANS],
        ["2", "", "c,\td\ne", "", "[]"],
    ]


@given(st.lists(st.lists(CELL, min_size=2, max_size=2)), st.sampled_from(["csv", "tsv"]))
def test_the_same_cells_come_back(cells: list[list[str]], name: str) -> None:
    delimiter = {"csv": ",", "tsv": "\t"}[name]
    given = table([["a", "text"], *cells], delimiter)
    assert [row[:2] for row in rows(converted(given, name), delimiter)[1:]] == cells
    as_json = converted(given, name, "jsonl").split("\n")[:-1]
    assert [[json.loads(line)[key] for key in ("a", "text")] for line in as_json] == cells


def test_tables_become_each_other() -> None:
    assert converted('text,a\n"x, y","1\t2"\n', "csv", "tsv") == (
        'text\ta\tkind\tspans\nx, y\t"1\t2"\t\t[]\n'
    )


def test_what_was_found_before_is_replaced() -> None:
    once = converted(f"text,n\n{ROOM},1\n", "csv")
    assert converted(once, "csv") == once
    assert rows(converted("kind,text\ngold,x\n", "csv")) == [
        ["kind", "text", "spans"],
        ["", "x", "[]"],
    ]


def test_another_column() -> None:
    found = rows(converted(f"text,tweet\n{ROOM},\n1,{ROOM}\n", "csv", text="tweet"))
    assert [row[2] for row in found] == ["kind", "", "ROOMS#GENERAL; SERVICE#GENERAL"]


def test_spreadsheets_still_know_the_encoding() -> None:
    written = converted('\ufefftext,n\n"a",1\n', "csv")
    assert written == "\ufefftext,n,kind,spans\na,1,,[]\n"
    assert converted(written, "csv") == written
    quoted = converted('\ufeff"a, b",text\n1,a\n', "csv")
    assert quoted == '\ufeff"a, b",text,kind,spans\n1,a,,[]\n'
    assert converted("\ufeffspans,text\n1,a\n", "csv") == "\ufeffspans,text,kind\n[],a,\n"
    assert json.loads(converted("\ufefftext,n\na,1\n", "csv", "jsonl"))["text"] == "a"


def test_cells_of_any_length_that_a_text_can_bring_about() -> None:
    long = "ا" * 1_000_000
    assert rows(converted(f"a,text\n{long},x\n", "csv"))[1] == [long, "x", "", "[]"]


def test_an_only_cell_that_is_empty_is_a_blank_line() -> None:
    assert converted("text\na\n\nb\n", "csv") == "text,kind,spans\na,,[]\n,,[]\nb,,[]\n"
    assert converted("\ntext,n\n\na,1\n\n", "csv") == "text,n,kind,spans\na,1,,[]\n"


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
def test_names_of_columns(content: str, found: str | None) -> None:
    error = refusal(content, "csv")
    assert error.line == 1
    assert error.found == found or (found is None and "," not in str(error.found))
    assert_names(error.expected, " text ", "--field")


def test_a_first_row_that_is_broken_is_never_skipped() -> None:
    for content in (b'"text\na\n', b"text,\xff\na,b\n"):
        assert refusal(content, "csv").line == 1


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
def test_broken_rows(broken: bytes) -> None:
    error = refusal(b"id,text,by\n1,,\n" + broken + b"\n", "csv")
    assert_names(error.found, BROKEN[broken])
    assert error.line == 3


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_rows_are_skipped_alone(broken: bytes) -> None:
    good = [b'7,"a\n""b""",8', b"9,c,10", b"11,d,12"]
    content = [b"id,text,by", good[0], broken, *good[1:], broken, b"13,e,14"]
    written, refused = skipping(b"\n".join(content), "csv")
    assert [row[:3] for row in rows(written)[1:]] == [
        ["7", 'a\n"b"', "8"],
        ["9", "c", "10"],
        ["11", "d", "12"],
        ["13", "e", "14"],
    ]
    assert [error.line for error in refused] == [4, 7]


@given(st.lists(st.sampled_from(["1,a", '3,"c"', "5", '6,e""', '8,"f"g', ""]), max_size=12))
def test_only_broken_rows_are_missing(given: list[str]) -> None:
    written, refused = skipping("\n".join(["id,text", *given]), "csv")
    whole = [line for line in given if line in ("1,a", '3,"c"', '6,e""')]
    assert [row[0] for row in rows(written)[1:]] == [line[0] for line in whole]
    broken = [n for n, line in enumerate(given, 2) if line in ("5", '8,"f"g')]
    assert [error.line for error in refused] == broken
