"""Tables: the columns of the input with annotations."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.formats import Format, Notices, Records, Table, Writer, annotate
from arabic_mtl.formats.table.writer import BLANKED, LEFT_OUT, QUOTED, REPLACED
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


def written(reader: Format, writer: Writer, content: str, notices: Notices | None = None) -> str:
    """Returns a file annotated by `Words`."""
    model, output = Words(), io.BytesIO()
    records = reader.stream(io.BytesIO(content.encode()))
    annotated = annotate(records, model, 2)
    writer.write(output, annotated, model, Notices() if notices is None else notices)
    return output.getvalue().decode()


CELLS = st.lists(st.lists(CELL, min_size=2, max_size=2))


def test_annotation_columns_are_added() -> None:
    content = [["id", "text", "by"], ["1", ROOM, 'a "b"'], ["2", "", "c,\td\ne"]]
    assert rows(convert(table(content), "csv")) == [
        ["id", "text", "by", "kind", "spans"],
        ["1", ROOM, 'a "b"', "ROOMS#GENERAL; SERVICE#GENERAL", SPANS],
        ["2", "", "c,\td\ne", "", "[]"],
    ]


def test_quotes_are_characters_of_cells_between_tabs() -> None:
    output = convert(f'id\ttext\n1\t"{ROOM}\n2\t"b"\n', "tsv")
    kinds = "ROOMS#GENERAL; SERVICE#GENERAL"
    spans = json.dumps(Words().annotation(f'"{ROOM}').as_dict()["spans"], ensure_ascii=False)
    assert output == (f'id\ttext\tkind\tspans\n1\t"{ROOM}\t{kinds}\t{spans}\n2\t"b"\t\t[]\n')


@given(CELLS)
def test_other_cells_are_unchanged(cells: list[list[str]]) -> None:
    content = table([["a", "text"], *cells])
    assert [row[:2] for row in rows(convert(content, "csv"))[1:]] == cells
    as_json = convert(content, "csv", "jsonl").split("\n")[:-1]
    assert [[json.loads(line)[key] for key in ("a", "text")] for line in as_json] == cells


@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(codec="utf-8", exclude_characters="\t\n\r\ufeff"), max_size=20
            ).filter(str.strip),
            min_size=2,
            max_size=2,
        )
    )
)
def test_raw_cells_are_unchanged(cells: list[list[str]]) -> None:
    content = "".join("\t".join(row) + "\n" for row in [["a", "text"], *cells])
    output = convert(content, "tsv")
    assert [line.split("\t")[:2] for line in output.split("\n")[1:-1]] == cells


def test_csv_can_be_converted_to_tsv() -> None:
    assert convert('text,a\n"x, y","1\t2"\n', "csv", "tsv") == (
        'text\ta\tkind\tspans\nx, y\t"1\t2"\t\t[]\n'
    )


def test_raw_cells_are_quoted_in_csv() -> None:
    assert convert('text\ta\n"x, y\t1\n', "tsv", "csv") == ('text,a,kind,spans\n"""x, y",1,,[]\n')


@given(CELLS, st.sampled_from([",", "\t"]))
def test_quoted_tables_can_be_read_again(cells: list[list[str]], delimiter: str) -> None:
    reader = Table(delimiter=delimiter, quoting="csv")
    output = written(Table(), reader, table([["a", "text"], *cells]))
    again = reader.stream(io.BytesIO(output.encode()))
    found = [[record.fields[name] for name in ("a", "text")] for record in again][1:]
    if delimiter == ",":
        assert found == cells
    else:  # tabs in a cell of several lines may look like a row
        plain = [[cell.replace("\t", " ") for cell in row] for row in cells]
        assert [[cell.replace("\t", " ") for cell in row] for row in found] == plain


def test_cells_that_would_be_taken_for_rows_lose_their_tabs() -> None:
    notices = Notices()
    quoted = Table(delimiter="tab", quoting="csv")
    output = written(Table(), quoted, 'n,text\n"x\ty","a\tb\tc\nd"\n', notices)
    assert output.split("\n")[1:3] == ['"x\ty"\t"a b c', 'd"\t\t[]']
    assert [(notice.rule, notice.number) for notice in notices] == [(BLANKED, 1)]
    (_, record) = quoted.stream(io.BytesIO(output.encode()))
    assert record.example is not None
    assert record.example.text == "a b c\nd"


def test_unquoted_tables_have_blanks_for_what_they_cannot_express() -> None:
    notices = Notices()
    raw = Table(delimiter="tab", quoting="none")
    output = written(Table(), raw, 'a,text\n"1\t2","x\ny"\n"""",z\n', notices)
    assert output == 'a\ttext\tkind\tspans\n1 2\tx y\t\t[]\n"\tz\t\t[]\n'
    assert [(notice.rule, notice.number) for notice in notices] == [(BLANKED, 2)]


def test_quotes_between_tabs_are_told_where_they_are_unusual() -> None:
    content = 'text,a\n"x\ty",1\nz,2\n'
    for quoting, number in ((None, 1), ("csv", 0)):
        notices = Notices()
        written(Table(), Table(delimiter="tab", quoting=quoting), content, notices)
        assert [notice.number for notice in notices if notice.rule == QUOTED] == [1] * number


def test_lone_surrogates_are_replaced_and_told() -> None:
    notices = Notices()
    content = json.dumps({"text": "a\ud800"}) + "\n"
    assert written(Records(), Table(), content, notices) == "text,kind,spans\na?,,[]\n"
    assert [notice.rule for notice in notices] == [REPLACED]


def test_fields_that_not_all_objects_have() -> None:
    notices = Notices()
    content = '{"text": "a", "n": [1]}\n{"m": 2, "text": "b"}\n{"text": "c", "n": null}\n'
    output = written(Records(), Table(), content, notices)
    assert rows(output) == [
        ["text", "n", "kind", "spans"],
        ["a", "[1]", "", "[]"],
        ["b", "", "", "[]"],
        ["c", "", "", "[]"],
    ]
    assert [(notice.rule, notice.line) for notice in notices] == [(LEFT_OUT, 2)]


def test_columns_of_the_input_are_never_replaced() -> None:
    first = convert(f"text,n\n{ROOM},1\n", "csv")
    notices = Notices()
    again = rows(written(Table(), Table(), first, notices))
    assert again[0] == ["text", "n", "kind", "spans", "kind_predicted", "spans_predicted"]
    assert again[1][2:4] == again[1][4:6] == ["ROOMS#GENERAL; SERVICE#GENERAL", rows(first)[1][3]]
    assert [notice.rule for notice in notices] == [
        "column kind of the input, so predictions are in kind_predicted",
        "column spans of the input, so predictions are in spans_predicted",
    ]
    third = rows(convert("kind,kind_predicted,text\na,b,x\n", "csv"))
    assert third == [
        ["kind", "kind_predicted", "text", "kind_predicted_2", "spans"],
        ["a", "b", "x", "", "[]"],
    ]


def test_tables_can_have_scores() -> None:
    output = written(Table(), Table(scores=True), f"text,kind_score\n{ROOM},gold\nx,\n")
    assert [row[:-1] for row in rows(output)] == [
        ["text", "kind_score", "kind", "kind_score_predicted"],
        [ROOM, "gold", "ROOMS#GENERAL; SERVICE#GENERAL", "0.5; 0.5"],
        ["x", "", "", ""],
    ]


def test_tables_without_header_get_one() -> None:
    reader = Table(delimiter="tab", header=["id", "text"])
    assert written(reader, reader, "1\tx\n2\ty\n") == (
        "id\ttext\tkind\tspans\n1\tx\t\t[]\n2\ty\t\t[]\n"
    )


def test_labels_are_not_needed_for_annotating() -> None:
    table = Table(labels={"mood": "mood", "more": {"columns": ["a", "b"]}}, group="user")
    assert written(table, table, "text,a\n,7\nx,\n") == "text,a,kind,spans\n,7,,[]\nx,,,[]\n"


def test_text_column_can_have_another_name() -> None:
    output_rows = rows(convert(f"text,tweet\n{ROOM},\n1,{ROOM}\n", "csv", text="tweet"))
    assert [row[2] for row in output_rows] == ["kind", "", "ROOMS#GENERAL; SERVICE#GENERAL"]


def test_byte_order_mark_is_kept() -> None:
    output = convert('\ufefftext,n\n"a",1\n', "csv")
    assert output == "\ufefftext,n,kind,spans\na,1,,[]\n"
    quoted = convert('\ufeff"a, b",text\n1,a\n', "csv")
    assert quoted == '\ufeff"a, b",text,kind,spans\n1,a,,[]\n'
    assert json.loads(convert("\ufefftext,n\na,1\n", "csv", "jsonl"))["text"] == "a"


def test_cells_can_have_a_million_characters() -> None:
    long = "ا" * 1_000_000
    assert rows(convert(f"a,text\n{long},x\n", "csv"))[1] == [long, "x", "", "[]"]


def test_blank_lines_are_empty_cells_of_single_column_tables() -> None:
    assert convert("text\na\n\nb\n", "csv") == "text,kind,spans\na,,[]\n,,[]\nb,,[]\n"
    assert convert("\ntext,n\n\na,1\n\n", "csv") == "text,n,kind,spans\na,1,,[]\n"


@pytest.mark.parametrize(
    ("content", "found", "expected"),
    [
        ("", "an empty file", [" text ", "--field"]),
        ("\n\n", "an empty file", [" text ", "--field"]),
        ("a,b\n1,2\n", "no column text (`text`); the columns are a, b", [" text ", "--field"]),
        ("texts,b\n1,2\n", "no column text (`text`); the columns are texts, b", ["`text: texts`"]),
        ("id;text\n1;2\n", "no column text (`text`); the columns are id;text", ["delimiter: ';'"]),
        ("id\ttext\n1\t2\n", "the columns are id⇥text", ["delimiter: tab"]),
        ("text,b,b,c,c\n1,2,3\n", "b, c more than once among text, b, b, c, c", ["different"]),
    ],
)
def test_bad_column_names_are_rejected(content: str, found: str, expected: list[str]) -> None:
    error = conversion_error(content, "csv")
    assert error.line == 1
    assert str(error.found).endswith(found)
    assert_names(error.expected, *expected)


def test_column_names_are_trimmed() -> None:
    assert convert("\ufeff\ufeffid, text\u200f,,\n1,a,2,3\n", "csv") == (
        "\ufeff\ufeffid, text\u200f,,,kind,spans\n1,a,2,3,,[]\n"
    )
    objects = json.loads(convert("id, text,,\n1,a,2,3\n", "csv", "jsonl"))
    assert [*objects][:4] == ["id", "text", "column_3", "column_4"]


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
