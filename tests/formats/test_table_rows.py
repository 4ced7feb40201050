"""The rows of text files: delimiters, quoting, encodings, line ends and broken rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.errors import InputError
from arabic_mtl.formats import Table
from support.messages import assert_names
from support.tables import read_table, table_error

CRLF, NO_END, MARK = "line with CR LF end", "last line without line end", "byte order mark"


def texts(folder: Path, content: str | bytes, name: str = "a.csv", **options: Any) -> list[str]:
    return [example.text for example in read_table(folder, content, name=name, **options)[0]]


@pytest.mark.parametrize(
    ("name", "options", "content"),
    [
        ("a.csv", {}, "n,text\n1,ا\n"),
        ("a.TSV", {}, "n\ttext\n1\tا\n"),
        ("a.txt", {}, "n\ttext\n1\tا\n"),
        ("a", {}, "n,text\n1,ا\n"),
        ("a.csv", {"delimiter": "tab"}, "n\ttext\n1\tا\n"),
        ("a.csv", {"delimiter": "\\t"}, "n\ttext\n1\tا\n"),
        ("a.tsv", {"delimiter": ";"}, "n;text\n1;ا\n"),
        ("a.csv", {"header": ["n", "text"]}, "1,ا\n"),
        ("a.csv", {"header": False, "text": "column_2"}, "1,ا\n"),
        ("a.csv", {"encoding": "windows-1256"}, "n,text\n1,ا\n".encode("cp1256")),
        ("a.csv", {}, "n,text\r\n1,ا\r\n".encode("utf-16")),
        ("a.csv", {"encoding": "utf-16"}, "n,text\n1,ا\n".encode("utf-16-le")),
    ],
)
def test_files_are_read_by_name_and_options(
    tmp_path: Path, name: str, options: dict[str, Any], content: str | bytes
) -> None:
    assert texts(tmp_path, content, name, **options) == ["ا"]


@pytest.mark.parametrize("delimiter", ["", "ab", '"', "\n"])
def test_invalid_delimiters(delimiter: str) -> None:
    with pytest.raises(InputError) as caught:
        Table(delimiter=delimiter)
    assert_names(caught.value.found, repr(delimiter))


def test_names_of_columns_are_unique() -> None:
    with pytest.raises(InputError) as caught:
        Table(header=["a", "b", "a"])
    assert_names(caught.value.found, "a more than once")


def test_irregular_lines_are_told(tmp_path: Path) -> None:
    content = "\ufefftext,n\r\nا,1\n\n  \r\nب,2\r\nج,3"
    examples, notices = read_table(tmp_path, content)
    assert [(example.text, example.line) for example in examples] == [("ا", 2), ("ب", 5), ("ج", 6)]
    assert notices == [("blank line", 2, 3), (MARK, 1, 1), (CRLF, 3, 1), (NO_END, 1, 6)]
    _, notices = read_table(tmp_path, "text\tn\nا\t1\n\n".encode("utf-16"), name="a.tsv")
    assert notices == [("blank line", 1, 3), (MARK, 1, 1)]


def test_line_ends_in_cells_are_kept(tmp_path: Path) -> None:
    content = 'n,text\r\n1,"ا\r\nب\nج\r\n"\r\n2,د\r\n'
    examples, _ = read_table(tmp_path, content)
    assert [(example.text, example.line) for example in examples] == [
        ("ا\r\nب\nج\r\n", 2),
        ("د", 6),
    ]


def test_quotes_between_tabs_lose_no_row(tmp_path: Path) -> None:
    content = 'text\tl\n"ا\tx\nب"\ty\n"ج" د\tz\n"\t"\n'
    examples, _ = read_table(tmp_path, content, name="a.tsv", labels={"l": "l"})
    assert [(example.text, *example.labels["l"]) for example in examples] == [
        ('"ا', "x"),
        ('ب"', "y"),
        ('"ج" د', "z"),
        ('"', '"'),
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('text\tl\n"ا\tx\nب"\ty\n', 2),
        ('text\tl\nو\tx\n"ا\tx\nب\ty\nج"\tz\n', 3),
        ('l\ttext\nx\t"ا\ny\tب"\nz\tج\n', 2),
        ('n\ttext\tl\n1\t"ا\tx\n2\tب"\ty\n', 2),
        ('l\ttext\tn\nx\t"ا\t1\nx\tب\t2\nx\tج"\t3\n', 2),
    ],
)
def test_quoted_cells_must_not_hold_whole_rows(tmp_path: Path, content: str, line: int) -> None:
    error = table_error(tmp_path, content, name="a.tsv", quoting="csv")
    assert error.line == line
    assert_names(error.found, "whole rows", "⏎")
    assert_names(error.expected, "`quoting: none`")


def test_quoted_cells_between_tabs_can_have_several_lines(tmp_path: Path) -> None:
    content = 'l\ttext\nx\t"ا\nب"\ny\t"ج ""د""\n\nه"\n"\t"\t"\tو"\n'
    assert texts(tmp_path, content, "a.tsv", quoting="csv") == ["ا\nب", 'ج "د"\n\nه', "\tو"]


@pytest.mark.parametrize(
    ("name", "content", "options", "line", "found", "hint"),
    [
        ("a.tsv", "text\tl\nا\tx\nExplain\n", {}, 3, "1 cell: Explain", "2: text, l"),
        ("a.tsv", 'text\tl\n"ا\nب"\tx\n', {}, 2, '1 cell: "ا', "`quoting: csv`"),
        ("a.csv", 'text,l\n"ا,x\n', {}, 2, 'end of data: "ا,x', "`quoting: none`"),
        ("a.csv", 'text,l\n"ا" ب,x\n', {}, 2, "expected after", "`quoting: none`"),
        ("a.csv", "text,l\nا;x\n", {}, 2, "1 cell: ا;x", "`delimiter: ';'`"),
        ("a.csv", "text,l\nا\tx\n", {}, 2, "1 cell", "`delimiter: tab`"),
        ("a.csv", "text,l\nا,ب,x\n", {}, 2, "3 cells: ا | ب | x", "2: text, l"),
        ("a.csv", "ا\n", {"header": ["text", "l"]}, 1, "1 cell: ا", "2: text, l"),
    ],
)
def test_broken_rows_are_shown_with_hints(
    tmp_path: Path,
    name: str,
    content: str,
    options: dict[str, Any],
    line: int,
    found: str,
    hint: str,
) -> None:
    error = table_error(tmp_path, content, name=name, **options)
    assert error.line == line
    assert_names(error.found, found)
    assert_names(error.expected, hint)


def test_first_row_of_a_file_without_header_can_be_skipped(tmp_path: Path) -> None:
    options: dict[str, Any] = {"header": ["text", "l"], "on_error": "skip"}
    assert texts(tmp_path, '"ا\nب,x\n', **options) == ["ب"]
    error = table_error(tmp_path, '"ا\nب,x\n', header=False, text="column_1", on_error="skip")
    assert error.line == 1


def test_wrong_bytes_are_located(tmp_path: Path) -> None:
    content = "text,l\nا,x\nصباح الخير,y\n".encode("cp1256")
    error = table_error(tmp_path, content)
    assert error.line == 2
    assert_names(error.expected, "windows-1256")
    skipped = "text,l\nا,x\n".encode() + b"\xff,y\n" + "ب,z\n".encode()
    assert texts(tmp_path, skipped, on_error="skip") == ["ا", "ب"]


ANY = st.binary(max_size=60) | st.lists(
    st.sampled_from([b"a", b'"', b",", b"\t", b"\n", b"\r\n", b"0", b" ", b"\xff", "ا".encode()]),
    max_size=30,
).map(b"".join)


@given(
    ANY,
    st.sampled_from([",", "tab"]),
    st.sampled_from(["csv", "none"]),
    st.sampled_from(["stop", "skip"]),
    st.sampled_from([True, False]),
)
def test_any_bytes_are_examples_or_one_error(
    tmp_path_factory: pytest.TempPathFactory,
    content: bytes,
    delimiter: str,
    quoting: Any,
    on_error: Any,
    header: bool,
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes((b"column_1\n" if header else b"") + content)
    table = Table(
        text="column_1",
        header=header,
        labels={"a": "column_1"},
        delimiter=delimiter,
        quoting=quoting,
        on_error=on_error,
    )
    found = outcome(table, path)
    if isinstance(found, InputError):
        assert found.file == path
        assert found.line is not None
        assert on_error == "stop" or header is False
    else:
        assert found == sorted({*found})
        assert len(found) <= content.count(b"\n") + 1


def outcome(table: Table, path: Path) -> list[int | None] | InputError:
    """Returns the lines of the examples of a file, or its error."""
    try:
        return [example.line for example in table.read(path)]
    except InputError as error:
        return error


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_lines_that_end_with_cr_only_are_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes("text,l\rا,b\r".encode())
    with pytest.raises(InputError) as caught:
        list(Table(on_error="skip").read(tmp_path / name))
    error = caught.value
    assert (error.rule, error.found) == ("lines must end with LF or CR LF", "CR only")
    assert error.line == 1
