"""JSON records to train from: fields, labels and tags."""

from __future__ import annotations

from typing import Any

import pytest

from arabic_mtl.documents import Example, Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Layers, Records
from support.messages import assert_names
from support.records import as_lines, read, read_noticing, refused

TEXT = "زار ليث عدن"
FORMS: list[tuple[object, tuple[str, ...]]] = [
    ("good", ("good",)),
    (" good\t", ("good",)),
    ("a; b", ("a; b",)),
    (7, ("7",)),
    (0, ("0",)),
    (1.5, ("1.5",)),
    (True, ("true",)),
    (False, ("false",)),
]


def labels(value: Any, **options: Any) -> tuple[str, ...] | None:
    """Returns the labels of a record whose field has a value; None if it is not labelled."""
    (example,) = read(as_lines({"text": TEXT, "x": value}), labels={"mood": "x"}, **options)
    assert example.labels.keys() <= {"mood"}
    return example.labels.get("mood")


def test_all_fields_are_read() -> None:
    record = {"meta": {"text": " نص\n", "n": 7}, "second": "ب", "a": "g", "b": 3, "c": None}
    options = {"text": "meta.text", "pair": "second", "id": "meta.n", "group": ["c", "a", "b"]}
    (example,) = read("\n" + as_lines(record), **options)
    assert example == Example(
        id="7", group="a:g", linked=(), text=" نص\n", pair="ب", labels={}, spans={}, line=2
    )
    assert Records(**options).joins_groups
    assert Records(**options).pair_is == "text"
    assert (Records().pair_is, Records(group="a").joins_groups) == ("", True)


def test_key_with_a_dot_precedes_a_dotted_key() -> None:
    record = {"a": {"b": "inner", "c.d": "deep"}, "a.b": "outer"}
    assert read(as_lines(record), text="a.b")[0].text == "outer"
    assert read(as_lines(record), text="a.c.d")[0].text == "deep"
    assert_names(refused(as_lines(record), text="a.b.c").found, "fields a, a.b")


def test_records_that_share_a_group_value_are_one_group() -> None:
    pairs = [("ا", "ب"), ("ج", "د"), ("د", "ب"), ("ه", None), (None, "ه"), (None, None)]
    lines = as_lines(*({"text": f"{n}", "q": q, "r": r} for n, (q, r) in enumerate(pairs)))
    groups = [example.group for example in read(lines, group=["q", "r"])]
    assert groups[0] == groups[2]
    assert len({*groups}) == 5  # the two keys have values of two kinds
    numbered = as_lines({"text": "a", "q1": "x"}, {"text": "b", "q2": "x"})
    assert [e.group for e in read(numbered, group=["q1", "q2"])] == ["q:x", "q:x"]
    single = [example.group for example in read(lines, group="q")]
    assert single[:4] == ["q:ا", "q:ج", "q:د", "q:ه"]
    assert_names(refused(as_lines({"text": "a", "q": [1]}), group="q").found, "q: [1]")


def test_ids_of_an_array_are_unique() -> None:
    array = '[{"text": "a"}, {"text": "a"},\n{"text": "a"}]'
    assert [e.id for e in read(array)] == ["line:1", "line:1.2", "line:2"]
    assert refused(as_lines({"text": "a", "n": 1}, {"text": "b", "n": "1"}), id="n").line == 2


@pytest.mark.parametrize("value", [None, "", 1.5, True, [1]])
def test_ids_are_strings_or_whole_numbers(value: object) -> None:
    assert_names(refused(as_lines({"text": "a", "n": value}), id="n").found, "n: ")


@pytest.mark.parametrize(("value", "expected"), FORMS)
def test_labels_are_as_they_are_in_the_file(value: object, expected: tuple[str, ...]) -> None:
    assert labels(value) == labels([value]) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ([], ()),
        ({}, None),
        ({"a": 0}, ()),
        (["a", "b", "a"], ("a", "b")),
        ({"a": 1.0, "b": 0, "c": True, "d": False, "e": 1}, ("a", "c", "e")),
        ({"label": "a", "score": 0.3}, ("a",)),
        ([{"label": "a", "score": 0.3}, {"label": "b", "score": 0.2}], ("a", "b")),
        ({"mood": [{"label": "a", "score": 0.3}], "other": []}, ("a",)),
        ({"other": []}, None),
    ],
)
def test_forms_of_labels(value: object, expected: tuple[str, ...] | None) -> None:
    assert labels(value) == expected


@pytest.mark.parametrize("value", ["", " ", [None], [["a"]], {"a": 0.5}, {"a": "1"}, {"a": None}])
def test_other_labels_are_refused(value: object) -> None:
    error = refused(as_lines({"text": TEXT}, {"text": TEXT, "x": value}), labels={"mood": "x"})
    assert error.line == 2
    assert_names(error.found, "mood: ")


def test_empty_label_can_be_renamed() -> None:
    assert labels("", rename={"mood": {"": "none"}}) == ("none",)
    assert labels("", rename={"mood": {"": None}}) is None


def test_trimmed_and_repeated_labels_are_counted() -> None:
    lines = as_lines({"text": "a", "x": "b"}, {"text": "a", "x": " b"}, {"text": "a", "x": [1, 1]})
    examples, notices = read_noticing(lines, labels={"mood": "x"})
    assert [example.labels["mood"] for example in examples] == [("b",), ("b",), ("1",)]
    assert notices == {
        "label trimmed of blanks": (1, 2),
        "label that is in its record twice": (1, 3),
    }


@pytest.mark.parametrize(
    "layers", [{"labels": {"m": "x"}}, {"spans": {"m": "y"}}, {"tags": {"m": "t"}, "tokens": "w"}]
)
def test_empty_text_with_annotations_is_refused(layers: dict[str, Any]) -> None:
    record = {"text": " \n", "x": "a", "y": [[0, 0, "a"]], "w": ["\t"], "t": ["B-A"]}
    if "spans" in layers:  # a zero-length span is no span
        assert read(as_lines(record), **layers)[0].spans == {"m": ()}
    else:
        assert refused(as_lines(record), **layers).line == 1
    assert len(read(as_lines({**record, "x": [], "y": [], "t": ["O"]}), **layers)) == 1


def test_records_that_are_not_accepted_are_counted() -> None:
    answers = ["accept", None, "ignore", "reject", "accept"]
    lines = as_lines({"text": "0"}, *({"text": f"{n}", "answer": a} for n, a in enumerate(answers)))
    examples, notices = read_noticing(lines)
    assert [example.text for example in examples] == ["0", "0", "1", "4"]
    assert [*notices.values()] == [(2, 4)]
    assert len(read(lines, accept={})) == 6
    assert [e.line for e in read(lines, accept={"text": ["3"], "answer": ["reject"]})] == [5]


def test_words_with_tags() -> None:
    record = {"w": ["زار", "سعد", "و 5", "عدن", "ليث"], "t": ["O", "I-P", "I-P", "B-P", "I-L"]}
    ((example,), notices) = read_noticing(as_lines(record), tokens="w", tags={"ner": "t"})
    assert example.text == "زار سعد و 5 عدن ليث"
    expected = (Span(4, 11, "P"), Span(12, 15, "P"), Span(16, 19, "L"))
    assert example.spans == {"ner": expected}
    assert notices == {"span that opens with I-": (2, 1)}
    untagged, empty = read(
        as_lines({"w": ["a"], "t": None}, {"w": [], "t": []}), tokens="w", tags={"ner": "t"}
    )
    assert (untagged.spans, empty.text, empty.spans) == ({}, "", {"ner": ()})


def test_tags_are_renamed_before_they_are_read() -> None:
    names = {"0": "O", "1": "B-P", "2": "I-P", "b-misc": None}
    record = {"w": ["a", "b", "c", "d"], "t": [1, 2, 0, "b-misc"]}
    (example,) = read(as_lines(record), tokens="w", tags={"ner": "t"}, rename={"ner": names})
    assert example.spans == {"ner": (Span(0, 3, "P"),)}


def test_unknown_tags_are_one_error() -> None:
    record = {"w": ["a", "b"], "t": ["B-A", "I-A"]}
    wrong = [{"w": ["a", "b"], "t": tags} for tags in (["o", "B-"], ["O", "o"], ["PERS", "O"])]
    lines, options = as_lines(record, *wrong), {"tokens": "w", "tags": {"ner": "t"}}
    error = refused(lines, **options)
    assert error.line == 2
    assert_names(error.found, "o (2 times, first in line 2)", "B-", "PERS", "line 4")
    examples, notices = read_noticing(lines, on_error="skip", **options)
    assert len(examples) == 1
    assert [number for number, _ in notices.values()] == [3]


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"w": ["a", ""], "t": ["O", "O"]}, 'w: ["a", ""]'),
        ({"w": "a b", "t": ["O", "O"]}, 'w: "a b"'),
        ({"w": ["a", 1], "t": ["O", "O"]}, "w: "),
        ({"t": ["O"]}, "w: null"),
        ({"w": ["a", "b"], "t": ["O"]}, "ner: 1 tags"),
        ({"w": ["a"], "t": "O"}, 'ner: "O"'),
        ({"w": ["a"], "t": [None]}, "ner: null"),
        ({"w": ["a"], "t": [True]}, "ner: true"),
    ],
)
def test_words_that_have_no_tags_are_refused(record: dict[str, Any], found: str) -> None:
    assert_names(refused(as_lines(record), tokens="w", tags={"ner": "t"}).found, found)


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "a", "text": "b"}',
        '{"text": "a", "b": {"c": 1, "c": 1}}',
        '{"text": "a", "b": Infinity}',
        '{"text": "a", "b": ' + "9" * 5000 + "}",
        '{"text": "a", "b": ' + "[" * 50_000 + "]" * 50_000 + "}",
        '{"text": "a"} {"text": "b"}',
        '["a"]',
        '["a", {}, 1]',
        '["a", {"text": "b"}]',
        "{",
    ],
)
def test_lines_that_are_no_records_are_refused(line: str) -> None:
    content = f'{{"text": "a"}}\n{line}\n{{"text": "c"}}\n'
    assert refused(content).line == 2
    examples, notices = read_noticing(content, on_error="skip")
    assert [example.text for example in examples] == ["a", "c"]
    assert [*notices.values()] == [(1, 2)]


def test_pretty_printed_objects_are_refused_with_a_hint() -> None:
    assert_names(refused('{\n  "text": "a"\n}\n').expected, "array", "jq -c")


def test_pairs_are_objects_with_a_text() -> None:
    lines = as_lines([TEXT, {"cats": {"a": 1}, "entities": [[4, 7, "P"]]}], ["b", {}])
    options = {"text": "doc", "labels": {"m": "cats"}, "spans": {"s": "entities"}}
    first, second = read(lines, **options)
    assert (first.text, first.labels, first.spans) == (
        TEXT,
        {"m": ("a",)},
        {"s": (Span(4, 7, "P"),)},
    )
    assert (second.text, second.labels, second.spans) == ("b", {}, {})


def test_layers_are_those_of_the_options() -> None:
    reader = Records(labels={"a": "x"}, spans={"b": ["y"], "a": "z"}, tokens="w", tags={"c": "t"})
    assert reader.layers == Layers(labels=frozenset("a"), spans=frozenset("abc"))
    assert Records().layers == Layers()


@pytest.mark.parametrize(
    "options",
    [
        {"spans": {"a": []}},
        {"spans": {"a": ""}},
        {"spans": {"a": [1]}},
        {"spans": {"a": {"by": "text"}}},
        {"spans": {"a": {"key": "x", "by": 1}}},
        {"spans": {"a": {"key": "x", "absent": "first"}}},
        {"spans": {"a": {"key": "x", "ambiguous": "all"}}},
        {"spans": {"a": {"key": "x", "kind": "text"}}},
        {"spans": {"a": "x"}, "tags": {"a": "y"}, "tokens": "w"},
        {"tags": {"a": "y"}},
    ],
)
def test_options_that_have_no_meaning_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Records(**options)
