"""Excel files: values as they look, formulas, sheets, and harmful archives."""

from __future__ import annotations

import datetime
import io
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.errors import InputError
from arabic_mtl.formats import Notices, Table, recognize
from arabic_mtl.formats.table.sheets import OTHER_SHEET
from support.formats import conversion_error, convert
from support.messages import assert_names
from support.tables import read_table, table_error

openpyxl = pytest.importorskip("openpyxl")


def workbook(*rows: list[Any], **others: list[list[Any]]) -> bytes:
    """Returns an Excel file with a sheet of some rows, and other sheets."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, other_rows in others.items():
        sheet = book.create_sheet(name)
        for row in other_rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def changed(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Returns an archive with other members."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return file.getvalue()


def texts(folder: Path, content: bytes, **options: Any) -> list[str]:
    return [example.text for example in read_table(folder, content, name="a.xlsx", **options)[0]]


def test_values_are_read_as_they_look(tmp_path: Path) -> None:
    values = ["ا ", 2002, 0.7, 0.1 + 0.2, 1.0, True, False, "TRUE", "0.70", 10**15, "_x000D_", '"']
    content = workbook(["text"], *([value] for value in values))
    expected = ["ا ", "2002", "0.7", "0.3", "1", "TRUE", "FALSE", "TRUE", "0.70", f"1{'0' * 15}"]
    assert texts(tmp_path, content) == [*expected, "_x000D_", '"']


def test_rows_have_their_numbers_and_columns(tmp_path: Path) -> None:
    content = workbook(
        ["ID", "Feed", None, "Sentiment", None],
        [1, "ا\nب", "x", "Positive"],
        [],
        [2, "ج", None, None],
        [3, "د", None, "Negative ", None, ""],
    )
    examples, notices = read_table(
        tmp_path, content, name="a.xlsx", text="Feed", id="ID", labels={"mood": "Sentiment"}
    )
    assert [(x.id, x.line, x.text, x.labels) for x in examples] == [
        ("1", 2, "ا\nب", {"mood": ("Positive",)}),
        ("2", 4, "ج", {}),
        ("3", 5, "د", {"mood": ("Negative",)}),
    ]
    assert notices == [("label trimmed of blanks", 1, 5)]


def test_header_can_be_a_list(tmp_path: Path) -> None:
    content = workbook([1, "ا"], [2, "ب"])
    assert texts(tmp_path, content, header=["n", "text"]) == ["ا", "ب"]
    assert texts(tmp_path, content, header=False, text="column_2") == ["ا", "ب"]


def test_surplus_cells_are_refused(tmp_path: Path) -> None:
    error = table_error(tmp_path, workbook(["text", "l"], ["ا", "x", "y"]), name="a.xlsx")
    assert (error.line, error.found) == (2, "3 cells: ا | x | y")


REFUSED = {
    "date": (datetime.date(2026, 5, 1), "a date: 2026-05-01 00:00:00"),
    "time": (datetime.time(5, 1), "a date: 05:01:00"),
    "error": ("#NAME?", "an error of Excel: #NAME?"),
    "formula": ("=A1", "a formula without a stored value"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_dates_and_errors_are_refused_where_they_are_used(tmp_path: Path, name: str) -> None:
    value, found = REFUSED[name]
    content = workbook(["text", "l"], ["ا", "x"], [value, "y"], ["ب", value], ["ج", "z"])
    error = table_error(tmp_path, content, name="a.xlsx", labels={"l": "l"})
    assert (error.line, error.found) == (3, f"{found} in column text")
    skipping: dict[str, Any] = {"labels": {"l": "l"}, "on_error": "skip"}
    assert texts(tmp_path, content, **skipping) == ["ا", "ج"]
    content = workbook(["text", "l"], ["ا", value])
    assert texts(tmp_path, content) == ["ا"]
    assert "ا" in convert(content, "xlsx", "csv")


def test_values_of_formulas_are_read(tmp_path: Path) -> None:
    def with_value(name: str, content: bytes) -> bytes:
        return content.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>").replace(
            b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"
        )

    content = changed(workbook(["text", "n"], ["ا", "=1+1"]), with_value)
    examples, _ = read_table(tmp_path, content, name="a.xlsx", labels={"n": "n"})
    assert examples[0].labels == {"n": ("2",)}


def test_sheets_are_chosen_by_name(tmp_path: Path) -> None:
    content = workbook(["text"], ["ا"], other=[["text"], ["ب"]], third=[])
    examples, notices = read_table(tmp_path, content, name="a.xlsx")
    assert [example.text for example in examples] == ["ا"]
    assert notices == [(OTHER_SHEET, 2, None)]
    examples, notices = read_table(tmp_path, content, name="a.xlsx", sheet="other")
    assert [example.text for example in examples] == ["ب"]
    assert notices == []
    error = table_error(tmp_path, content, name="a.xlsx", sheet="oter")
    assert_names(error.found, "oter")
    assert_names(error.expected, "Sheet", "other", "third")


def test_workbooks_become_csv_and_json_lines() -> None:
    content = workbook(["text", None, "n"], ["ا", None, 7], ["ب"])
    assert convert(content, "xlsx", "csv") == ("text,,n,kind,spans\nا,,7,,[]\nب,,,,[]\n")
    assert '"text": "ا", "column_2": "", "n": "7"' in convert(content, "xlsx", "jsonl")


def bomb(name: str, content: bytes) -> bytes:
    return content + b" " * 2**25 if name == "xl/workbook.xml" else content


def with_dtd(name: str, content: bytes) -> bytes:
    if "sheet1" not in name:
        return content
    start = content.index(b"<worksheet")
    return content[:start] + b'<!DOCTYPE a [<!ENTITY b "c">]>' + content[start:]


def in_utf16(name: str, content: bytes) -> bytes:
    if "sheet1" not in name:
        return content
    text = with_dtd(name, content).decode()
    return ('<?xml version="1.0" encoding="utf-16"?>' + text[text.index("<!DOC") :]).encode(
        "utf-16"
    )


def far_row(name: str, content: bytes) -> bytes:
    return content.replace(b'<row r="2"', b'<row r="20000000000"')


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (bomb, "packed suspiciously small"),
        (with_dtd, "declares a DTD"),
        (in_utf16, "declares a DTD"),
        (far_row, "more than 1,048,576 rows"),
    ],
)
def test_harmful_archives_are_refused(
    tmp_path: Path, change: Callable[[str, bytes], bytes], found: str
) -> None:
    content = changed(workbook(["text"], ["ا"]), change)
    error = table_error(tmp_path, content, name="a.xlsx", on_error="skip")
    assert_names(error.found, found)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, ".xls"),
        (b"PK\x03\x04" + b"\0" * 600, "zip"),
        (changed(workbook(["text"]), lambda name, content: b""), ""),
        (changed(workbook(["text"], ["a"]), lambda n, c: c[:-9] if "sheet1" in n else c), ""),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, content: bytes, found: str) -> None:
    error = table_error(tmp_path, content, name="a.xlsx", on_error="skip")
    assert error.line == 1
    assert found in str(error.found)
    assert_names(str(error.expected).upper(), "CSV")


CONTENT = workbook(["text", "n"], ["ا", 1], ["ب", 2])


@given(st.data())
def test_any_damage_ends_in_examples_or_one_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    with zipfile.ZipFile(io.BytesIO(CONTENT)) as archive:
        names = archive.namelist()
    damaged = data.draw(st.sampled_from(names))
    start = data.draw(st.integers(0, 900))
    patch = data.draw(st.binary(max_size=4))

    def damage(name: str, content: bytes) -> bytes:
        return content[:start] + patch + content[start + 2 :] if name == damaged else content

    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    path.write_bytes(changed(CONTENT, damage))
    try:
        found: object = [example.line for example in Table().read(path, Notices())]
    except InputError as error:
        found = error.line
    assert found is not None


def test_pipes_and_missing_openpyxl_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe(io.BufferedReader):
        def seekable(self) -> bool:
            return False

    with pytest.raises(InputError) as caught:
        next(Table().stream(Pipe(io.BytesIO(CONTENT))))
    assert_names(caught.value.found, "pipe")
    modules: Mapping[str, None] = {"openpyxl": None}
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    assert_names(conversion_error(CONTENT, "xlsx", "csv").expected, "arabic-mtl[excel]")


def test_whole_workbooks_are_recognized(tmp_path: Path) -> None:
    rows = [[f"كانت الغرفة رقم {n} نظيفة", n % 3] for n in range(9000)]
    (tmp_path / "a.xlsx").write_bytes(workbook(["review", "stars"], *rows))
    assert (tmp_path / "a.xlsx").stat().st_size > 2**16
    kind, guess = recognize(tmp_path / "a.xlsx")
    assert (kind, guess.options) == (Table, {"text": "review", "labels": {"stars": "stars"}})
