"""Labels, ids and groups in tables: what is read, refused and told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from arabic_mtl.documents import Example
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Layers, Table
from arabic_mtl.formats.table.cell_labels import REPEATED, TRAILING
from arabic_mtl.formats.table.columns import SKIPPED
from support.messages import assert_names
from support.tables import read_table, table_error

TRIMMED = "label trimmed of blanks"
MOOD = {"mood": "mood"}
BINARY = {"emotion": {"columns": ["anger", "joy"]}}


def labels(examples: list[Example], layer: str = "mood") -> list[tuple[str, ...] | None]:
    return [example.labels.get(layer) for example in examples]


def test_labels_are_trimmed_but_texts_are_not(tmp_path: Path) -> None:
    content = "text,mood\n  ا  ,pos \n\tب,\t pos\nج,Pos\nد,TRUE\n"
    examples, notices = read_table(tmp_path, content, labels=MOOD)
    assert labels(examples) == [("pos",), ("pos",), ("Pos",), ("TRUE",)]
    assert [example.text for example in examples[:2]] == ["  ا  ", "\tب"]
    assert notices == [(TRIMMED, 2, 2)]


def test_missing_labels_leave_the_layer_out(tmp_path: Path) -> None:
    content = "text,mood\nا,\nب,  \nج,NULL\nد,pos\n"
    examples, notices = read_table(tmp_path, content, labels=MOOD)
    assert labels(examples) == [None, None, ("NULL",), ("pos",)]
    examples, _ = read_table(tmp_path, content, labels=MOOD, missing=["", "NULL"])
    assert labels(examples) == [None, None, None, ("pos",)]
    assert notices == []


def test_all_empty_labels_are_refused_in_one_error(tmp_path: Path) -> None:
    content = "text,mood,kind\nا,pos,\nب,,a\nج, ,\nد,pos,a\n"
    error = table_error(tmp_path, content, labels={**MOOD, "kind": "kind"}, missing=["-"])
    assert error.line == 2
    assert_names(error.found, "column mood: empty × 2 (line 3)", "column kind: empty × 2 (line 2)")
    assert_names(error.expected, 'missing: [""')


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("a; b", ("a", "b")),
        ("b", ("b",)),
        ("a;b", ("a;b",)),
        ("", None),
        ("-", ()),
    ],
)
def test_several_labels_in_a_cell(
    tmp_path: Path, cell: str, expected: tuple[str, ...] | None
) -> None:
    spec = {"mood": {"column": "mood", "separator": "; "}}
    options: dict[str, Any] = {"labels": spec}
    if cell == "-":
        cell, options["missing"] = "", ["-"]
    examples, notices = read_table(tmp_path, f"text,mood\nا,{cell}\n", **options)
    assert labels(examples) == [expected]
    assert notices == []


def test_irregular_cells_of_several_labels(tmp_path: Path) -> None:
    spec = {"mood": {"column": "mood", "separator": ";"}}
    content = "text,mood\nا,a;a; b\nب,a;b;\nج,b ;c\nد,a;b\n"
    examples, notices = read_table(tmp_path, content, labels=spec)
    assert labels(examples) == [("a", "b"), ("a", "b"), ("b", "c"), ("a", "b")]
    assert sorted(notices) == sorted([(TRIMMED, 2, 2), (REPEATED, 1, 2), (TRAILING, 1, 3)])
    error = table_error(tmp_path, "text,mood\nا,a;;b\nب,;a\nج,;\n", labels=spec)
    assert_names(error.found, "column mood: empty × 3 (line 2)")


def test_columns_of_0_and_1(tmp_path: Path) -> None:
    content = "text,anger,joy\nا,0,1\nب,0,0\nج,1 ,1\nد,,\n"
    examples, notices = read_table(tmp_path, content, labels=BINARY)
    assert labels(examples, "emotion") == [("joy",), (), ("anger", "joy"), None]
    assert notices == [(TRIMMED, 1, 4)]


def test_other_cells_than_0_and_1_are_refused_in_one_error(tmp_path: Path) -> None:
    content = "text,anger,joy\nا,1.0,0\nب,0,yes\nج,1.0,\nد,TRUE,1\n"
    error = table_error(tmp_path, content, labels=BINARY)
    assert error.line == 2
    for cell in ("1.0 × 2 (line 2)", "yes × 1 (line 3)", "empty × 1 (line 4)", "TRUE × 1 (line 5)"):
        assert_names(error.found, cell)
    assert_names(error.expected, "0 or 1", 'rename: {emotion: {"1.0": "1"}}')


def test_cells_can_be_renamed_to_0_and_1(tmp_path: Path) -> None:
    content = "text,anger,joy\nا,1.0,0.0\nب,-,yes\n"
    rename = {"emotion": {"1.0": "1", "0.0": "0", "yes": "1", "-": None, "joy": "فرح"}}
    examples, _ = read_table(tmp_path, content, labels=BINARY, rename=rename)
    assert labels(examples, "emotion") == [("anger",), ("فرح",)]


def test_unfit_labels_are_skipped_one_by_one_if_asked(tmp_path: Path) -> None:
    content = "text,anger,joy\nا,2,0\nب,0,1\nج,,1\nد,2,2\n"
    examples, notices = read_table(tmp_path, content, labels=BINARY, on_error="skip")
    assert labels(examples, "emotion") == [("joy",)]
    rule = "example skipped: a column of one label must contain 0 or 1"
    assert notices == [(rule, 3, 2)]


def test_reading_stops_at_too_many_different_cells(tmp_path: Path) -> None:
    rows = "".join(f"ا,{n},0\n" for n in range(2, 1000))
    error = table_error(tmp_path, f"text,anger,joy\n{rows}", labels=BINARY)
    assert_names(error.found, "202 × 1 (line 202)")
    assert " 203 " not in str(error.found)


@pytest.mark.parametrize("empty", ["", "  ", "\u200f", "\u200e\xa0", '"\n"'])
def test_labelled_texts_without_a_visible_character(tmp_path: Path, empty: str) -> None:
    content = f"text,mood\nا,pos\n{empty},neg\n😀,pos\n7,pos\n"
    error = table_error(tmp_path, content, labels=MOOD)
    assert error.line == 3
    assert_names(error.found, "| neg")
    assert_names(error.expected, "`empty: skip`")
    examples, notices = read_table(tmp_path, content, labels=MOOD, empty="skip")
    assert [example.text for example in examples] == ["ا", "😀", "7"]
    assert notices == [(SKIPPED, 1, 3)]


def test_empty_texts_without_a_label_are_kept(tmp_path: Path) -> None:
    examples, _ = read_table(tmp_path, "text,mood\n,\nا,pos\n", labels=MOOD)
    assert [(example.text, labels([example])) for example in examples] == [
        ("", [None]),
        ("ا", [("pos",)]),
    ]


def test_empty_second_texts_are_refused(tmp_path: Path) -> None:
    error = table_error(tmp_path, "text,pair,mood\nا,,pos\n", pair="pair", labels=MOOD)
    assert_names(error.found, "ا |  | pos")


@pytest.mark.parametrize(
    "spec",
    [
        {"columns": []},
        {"columns": "a"},
        {},
        {"column": "a", "separator": ""},
        {"column": "a", "columns": ["b"]},
        {"name": "a"},
    ],
)
def test_invalid_descriptions_of_labels(spec: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        Table(labels={"mood": spec})
    assert_names(caught.value.rule, "`labels`")
    assert_names(caught.value.found, "mood")


def test_all_absent_columns_are_named_in_one_error(tmp_path: Path) -> None:
    error = table_error(
        tmp_path,
        "tweet,mood\nا,pos\n",
        text="tweets",
        pair="other",
        id="ID",
        group=["user", "hotel"],
        labels={"mood": "mod", **BINARY},
        on_error="skip",
    )
    absent = ["tweets (`text`)", "other (`pair`)", "ID (`id`)", "user (`group`)"]
    absent += ["hotel (`group`)", "mod (`labels.mood`)", "anger (`labels.emotion`)"]
    assert_names(error.found, *absent, "joy (`labels.emotion`)", "the columns are tweet, mood")
    assert_names(error.expected, "`text: tweet`", "`labels.mood: mood`")
    assert error.line == 1


def test_layers_pairs_and_groups_are_declared() -> None:
    table = Table(labels={**MOOD, **BINARY}, pair="b", group="user")
    assert table.layers == Layers(labels=frozenset({"mood", "emotion"}))
    assert (table.pair_is, table.joins_groups) == ("text", True)
    assert (Table().pair_is, Table().joins_groups, Table().layers) == ("", False, Layers())


def test_ids_are_unique_and_not_empty(tmp_path: Path) -> None:
    content = "id,text\n7,ا\n8,ب\n"
    assert [x.id for x in read_table(tmp_path, content, id="id")[0]] == ["7", "8"]
    assert [x.id for x in read_table(tmp_path, content)[0]] == ["line:2", "line:3"]
    repeated = table_error(tmp_path, content + "7,ج\n", id="id")
    assert (repeated.line, repeated.sentence) == (4, "7")
    empty = table_error(tmp_path, content + ",ج\n", id="id")
    assert empty.line == 4
    assert_names(empty.found, "column id")


def partition(examples: list[Example]) -> list[int]:
    """Returns the number of each example's group, in the order of first occurrence."""
    numbers = {name: n for n, name in enumerate(dict.fromkeys(x.group for x in examples))}
    return [numbers[example.group] for example in examples]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0, 1, 2, 3, 0, 4]),
        ({"group": "user"}, [0, 0, 1, 2, 0, 3]),
        ({"group": ["user", "hotel"]}, [0, 0, 0, 1, 0, 2]),
        ({"group": ["qid1", "qid2"]}, [0, 1, 0, 2, 0, 1]),
    ],
)
def test_connected_rows_are_one_group(
    tmp_path: Path, options: dict[str, Any], expected: list[int]
) -> None:
    content = """text,user,hotel,qid1,qid2
ا,1,7,1,2
ب,1,8,3,4
ج,2,8,5,1
د,3,2,6,
ا,4,9,8,9
ه,,,4,
"""
    assert partition(read_table(tmp_path, content, **options)[0]) == expected


def test_questions_of_pairs_are_connected(tmp_path: Path) -> None:
    content = "a,b\nq1,q2\nq3,q1\nq4,q5\nq5,q6\nq7,q8\n"
    examples, _ = read_table(tmp_path, content, text="a", pair="b", group=["a", "b"])
    assert partition(examples) == [0, 0, 1, 1, 2]
    assert partition(read_table(tmp_path, content, text="a", pair="b")[0]) == [0, 1, 2, 3, 4]
