"""Guessed options of tables: columns, header, delimiter, quoting and encoding."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.formats import Guess, Table
from support.tables import read_table

TEXTS = [f"كانت الغرفة رقم {n} نظيفة و الموظفون في غاية اللطف" for n in range(40)]


def guess(content: str | bytes, name: str = "a.csv") -> Guess:
    found = Table.sniff(content if isinstance(content, bytes) else content.encode(), name)
    assert found is not None
    return found


def lines(template: str, delimiter: str = ",", header: str = "") -> str:
    """Returns a table with a row per text; `{text}`, `{n}` and the like are filled in."""
    rows = [
        template.format(text=text, n=n, bit=n % 2, other=n // 2 % 2, user=n // 3)
        for n, text in enumerate(TEXTS)
    ]
    return "".join(
        f"{row}\n".replace("|", delimiter) for row in ([header] if header else []) + rows
    )


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        (
            "a.csv",
            lines("{n}|{text}|POS{bit}", header="id|tweet|mood"),
            {"text": "tweet", "id": "id", "labels": {"mood": "mood"}},
        ),
        (
            "a.csv",
            lines("{text}|{bit}", ";", "text|l"),
            {"text": "text", "labels": {"l": "l"}, "delimiter": ";"},
        ),
        (
            "a.tsv",
            lines("{text}|POS{bit}", "\t"),
            {
                "text": "column_1",
                "labels": {"column_2": "column_2"},
                "header": ["column_1", "column_2"],
            },
        ),
        (
            "a",
            lines("{text}|POS{bit}", "\t", "text|mood"),
            {"text": "text", "labels": {"mood": "mood"}, "delimiter": "tab"},
        ),
        (
            "a.csv",
            lines("{n}|{user}|{text}|{bit}", header="|user_id|review|polarity"),
            {
                "text": "review",
                "id": "column_1",
                "group": ["user_id"],
                "labels": {"polarity": "polarity"},
            },
        ),
        (
            "a.csv",
            lines("{text}|{bit}|{other}|{bit}|x{bit}", header="text|anger|joy|fear|l"),
            {
                "text": "text",
                "labels": {"labels": {"columns": ["anger", "joy", "fear"]}, "l": "l"},
            },
        ),
        (
            "a.csv",
            lines("{text}|{text} ايضا|{bit}", header="s1|s2|stance"),
            {"text": "s1", "pair": "s2", "group": ["s1", "s2"], "labels": {"stance": "stance"}},
        ),
        (
            "a.csv",
            lines(
                "{text}|x{bit}; y|Food، {bit}\n{text}|y|Food، {bit}\n{text}|x{bit}|sport",
                header="text|topic|kind",
            ),
            {
                "text": "text",
                "labels": {"topic": {"column": "topic", "separator": "; "}, "kind": "kind"},
            },
        ),
        ("a.csv", "text\nا ب ج\n", {"text": "text"}),
        ("a.csv", lines("{n}.5|{text}", header="score|text"), {"text": "text"}),
        (
            "a.csv",
            lines("{text}|POS{bit}", header="النص|التصنيف"),
            {"text": "النص", "labels": {"التصنيف": "التصنيف"}},
        ),
    ],
)
def test_columns_are_guessed(name: str, content: str, options: dict[str, Any]) -> None:
    assert guess(content, name).options == options


@pytest.mark.parametrize(
    ("row", "quoting", "text"),
    [
        ('"{text}" قال|x{bit}', "none", f'"{TEXTS[0]}" قال'),
        ('"{text}|x{bit}', "none", f'"{TEXTS[0]}'),
        ('"{text}"|"x{bit}"', "csv", TEXTS[0]),
        ('"قال ""{text}"""|x{bit}', "csv", f'قال "{TEXTS[0]}"'),
        ('"{text}\n"|x{bit}', "csv", f"{TEXTS[0]}\n"),
    ],
)
def test_quoting_between_tabs_is_guessed_and_doubted(
    tmp_path: Path, row: str, quoting: str, text: str
) -> None:
    content = lines(row, "\t", "text|l")
    found = guess(content, "a.tsv")
    assert found.options["quoting"] == quoting
    assert any("quoting" in doubt for doubt in found.doubts)
    examples, _ = read_table(tmp_path, content, name="a.tsv", **found.options)
    assert (examples[0].text, len(examples)) == (text, 40)


@pytest.mark.parametrize("header", ["||text|l", "x|x|text|l"])
def test_a_header_may_have_empty_or_repeated_names(header: str) -> None:
    found = guess(lines("{n}|{user}|{text}|POS{bit}", header=header))
    assert "header" not in found.options
    assert (found.options["text"], found.options["labels"]) == ("text", {"l": "l"})


def test_broken_rows_are_doubted() -> None:
    found = guess(lines("{text}|x{bit}", "\t", "text|l") + "Explain\n", "a.tsv")
    assert "1 of the first 42 rows do not have 2 cells" in found.doubts[0]
    assert found.options == {"text": "text", "labels": {"l": "l"}}


@pytest.mark.parametrize(
    ("encoding", "options"),
    [
        ("utf-16", {}),
        ("utf-8-sig", {}),
        ("utf-16-le", {"encoding": "utf-16"}),
        ("utf-16-be", {"encoding": "utf-16-be"}),
        ("cp1256", {"encoding": "windows-1256"}),
    ],
)
def test_encodings_are_guessed(tmp_path: Path, encoding: str, options: dict[str, str]) -> None:
    content = lines("{text}|x{bit}", header="text|l").encode(encoding)
    found = guess(content)
    assert found.options == {"text": "text", "labels": {"l": "l"}, **options}
    examples, _ = read_table(tmp_path, content, **found.options)
    assert [example.text for example in examples] == TEXTS


def test_heads_can_end_anywhere() -> None:
    content = b"text,l\n" + lines('"{text}\nب"|x{bit}').encode() * 20
    for size in range(2**16, 2**16 + 200, 7):
        assert guess(content[:size]).options == {"text": "text", "labels": {"l": "l"}}


def test_absent_labels_are_doubted() -> None:
    content = lines("{text}|x{bit}", header="text|l").replace("x1", "NULL")
    assert 'missing: ["", "NULL"]' in guess(content).doubts[0]


def test_excel_and_parquet_columns_are_guessed() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in [["ID", "Feed", "Sentiment"], *([n, t, n % 2] for n, t in enumerate(TEXTS))]:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    expected = {"text": "Feed", "id": "ID", "labels": {"Sentiment": "Sentiment"}}
    assert guess(file.getvalue(), "a.xlsx").options == expected
    assert guess(file.getvalue()[:500], "a.xlsx").options == {}
    assert Table.sniff(file.getvalue()[:500], "a.zip") is None
    file = io.BytesIO()
    tags = [["a", "b"] if n % 2 else ["c"] for n in range(40)]
    pq.write_table(pa.table({"text": TEXTS, "tags": tags}), file)
    found = guess(file.getvalue(), "a")
    assert found.options == {"text": "text", "labels": {"tags": "tags"}}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("", "a.csv"),
        ("<a>\n", "a.xml"),
        ('{"a": "b\tc d e f"}\n', "a.jsonl"),
        ("كانت الغرفة نظيفة\nو الموظفون, في غاية اللطف\n", "a.txt"),
        ("كانت\tO\nالغرفة\tB-ROOM\n\nنظيفة\tO\n", "a.txt"),
    ],
)
def test_other_files_are_no_tables(content: str, name: str) -> None:
    assert Table.sniff(content.encode(), name) is None


def test_tables_of_words_are_uncertain() -> None:
    assert guess("Word,Tag\n" + "كان,O\nعدن,B-LOC\n" * 20).certainty <= 0.5
    assert guess(lines("{text}|x{bit}", header="text|l")).certainty > 0.8


@given(
    st.lists(
        st.sampled_from(["ا", " ", '"', ",", "\t", "\n", "0", "1", "text", "id", "\0", "\r\n"]),
        max_size=40,
    ),
    st.sampled_from(["a.csv", "a.tsv", "a.txt", "a"]),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_all_heads_give_options_that_exist(parts: list[str], name: str, encoding: str) -> None:
    found = Table.sniff("".join(parts).encode(encoding), name)
    if found is not None:
        table = Table(**found.options)
        assert table.text
        assert 0 < found.certainty <= 1
