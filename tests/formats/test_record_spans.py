"""Spans of JSON records: forms, units of offsets, and spans by their words alone."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.formats import Records
from arabic_mtl.formats.records import units as module
from arabic_mtl.formats.records.units import UNITS, Offsets, Unit
from support.messages import assert_names
from support.paths import ROOT
from support.records import as_lines, read, read_noticing, refused, spans

EXAMPLES = ROOT / "tests" / "formats" / "examples"
TEXT = "زار ليث عدن"
EMOJI = "😍 الغرفة نظيفة"
VOWELS = "بَيْت الرَّجُل"
ALPHABET = st.text(st.sampled_from("ابa 😍ً\u200d\r\n👩"), max_size=12)


def items(*given: Any, text: str = TEXT, **options: Any) -> list[tuple[int, int, str]]:
    """Returns the spans of a record with a list of spans."""
    (example,) = read(as_lines({"text": text, "x": [*given]}), spans={"s": "x"}, **options)
    return spans(example, "s")


def test_example_of_doccano_and_prodigy() -> None:
    case = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))["22"]
    options = case["reader"]["Records"]
    content = (EXAMPLES / case["files"][0]).read_bytes()
    examples, notices = read_noticing(content, **options)
    assert [
        {"text": e.text, "spans": {"room": [[*s] for s in spans(e, "room")]}} for e in examples
    ] == (case["reading"])
    assert [*notices.values()] == [(1, 4)]
    error = refused(content, **{**options, "offsets": None})
    assert error.line == 1
    assert_names(error.found, "[2, 8]", "«الغرفة»", "« الغرف»", "utf-16")
    assert_names(error.expected, "offsets: characters")


@pytest.mark.parametrize(
    "item",
    [
        [4, 7, "P"],
        {"start": 4, "end": 7, "label": "P"},
        {"start_offset": 4, "end_offset": 7, "label": "P", "id": 3},
        {"start": 4, "end": 7, "labels": ["P"], "text": "ليث"},
        {"start": 4, "end": 7, "label": " P", "text": None, "token_start": 1},
    ],
)
def test_forms_of_spans(item: Any) -> None:
    assert items(item) == [(4, 7, "P")]


def test_spans_are_sorted_and_a_repeated_one_is_counted() -> None:
    record = {"text": TEXT, "x": [[8, 11, "L"], [4, 7, "P"]], "y": [[4, 7, "P"], [4, 7, "Q"]]}
    ((example,), notices) = read_noticing(as_lines(record), spans={"s": ["x", "none", "y"]})
    assert spans(example, "s") == [(4, 7, "P"), (4, 7, "Q"), (8, 11, "L")]
    assert notices == {"span that is in its record twice": (1, 1)}


def test_absent_and_empty_lists_differ() -> None:
    lines = as_lines({"text": "a"}, {"text": "a", "x": None}, {"text": "a", "x": []})
    assert [e.spans for e in read(lines, spans={"s": "x"})] == [{}, {}, {"s": ()}]


def test_labels_of_spans_can_have_another_key() -> None:
    record = {"text": TEXT, "a": {"x": [{"start": 4, "end": 7, "type": {"name": "P"}}]}}
    (example,) = read(as_lines(record), spans={"s": "a.x.type.name"})
    assert spans(example, "s") == [(4, 7, "P")]
    error = refused(as_lines(record), spans={"s": "a.x"})
    assert_names(error.found, '"type"')
    assert_names(error.expected, "entities.type")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("P", '"P"'),
        ({"a": 1}, '{"a": 1}'),
        ([[4, 7]], "[4, 7]"),
        ([[4, 7, "P", 1]], "[4, 7"),
        ([[4, "7", "P"]], '"7"'),
        ([[4, 7.0, "P"]], "7.0"),
        ([[False, True, "P"]], "false"),
        ([[4, 7, None]], "null"),
        ([[4, 7, ""]], '""'),
        ([[7, 4, "P"]], "[7, 4"),
        ([7], "7"),
        ([{"start": 4, "label": "P"}], '"start": 4'),
        ([{"start": 4, "end": 7}], '"end": 7'),
        ([{"start": 4, "end": 7, "labels": []}], '"end": 7'),
        ([{"start": 4, "end": 7, "label": "P", "text": 3}], '"text": 3'),
        ([[4, 12, "P"]], "[4, 12] is not inside"),
        ([[-1, 2, "P"]], "[-1, 2] is not inside"),
    ],
)
def test_other_spans_are_refused(value: Any, found: str) -> None:
    lines = as_lines({"text": TEXT, "x": []}, {"text": TEXT, "x": value})
    error = refused(lines, spans={"s": "x"})
    assert error.line == 2
    assert_names(error.found, found)
    examples, notices = read_noticing(lines, spans={"s": "x"}, on_error="skip")
    assert (len(examples), [*notices.values()]) == (1, [(1, 2)])


def test_irregular_spans_are_counted() -> None:
    text = " بيت\u00a0 كبير "
    given_spans = [[0, 5, "A"], [3, 3, "B"], [0, 0, "C"], [4, 6, "D"], [6, 11, "E"]]
    record = {
        "text": text,
        "x": [*given_spans, {"start": 1, "end": 10, "label": "F", "text": "بيت كبير"}],
    }
    ((example,), notices) = read_noticing(as_lines(record), spans={"s": "x"})
    assert spans(example, "s") == [(1, 4, "A"), (1, 10, "F"), (6, 10, "E")]
    assert notices == {
        "span trimmed of blanks": (2, 1),
        "span of length zero, left out": (2, 1),
        "span of blanks, left out": (1, 1),
        "words whose blanks differ from the text": (1, 1),
    }


@pytest.mark.parametrize(
    ("text", "unit", "start", "end"),
    [(EMOJI, "utf-16", 3, 9), (VOWELS, "graphemes", 4, 9), (f"a\r\n{EMOJI}", "graphemes", 4, 10)],
)
def test_units_of_offsets(text: str, unit: Unit, start: int, end: int) -> None:
    words = text[slice(*(Offsets(text).range(unit, start, end) or ()))]
    assert words in ("الغرفة", "الرَّجُل")
    first = text.index(words)
    assert items([start, end, "P"], text=text, offsets=unit) == [(first, first + len(words), "P")]
    item = {"start": start, "end": end, "label": "P", "text": words}
    assert items(item, text=text, offsets=unit) == [(first, first + len(words), "P")]
    for other in (None, *({*UNITS} - {unit})):  # no other unit fits
        lines = as_lines({"text": TEXT, "x": [[4, 7, "P"]]}, {"text": text, "x": [item]})
        error = refused(lines, spans={"s": "x"}, offsets=other)
        assert error.line == 2
        assert_names(error.found, f"[{start}, {end}]", f"«{words}»", "line 2")
        assert_names(error.expected, f"offsets: {unit}", "all 2 spans")


def test_offsets_in_bytes_are_proved_by_words_or_asked_about() -> None:
    start, end = (len(TEXT[:offset].encode()) for offset in (0, 3))
    item = {"start": start, "end": end, "label": "P"}
    assert items(item, offsets="bytes") == [(0, 3, "P")]
    error = refused(as_lines({"text": TEXT, "x": [{**item, "text": "زار"}]}), spans={"s": "x"})
    assert error.expected == "`offsets: bytes`, in which all 1 spans of the file fit"
    error = refused(as_lines({"text": TEXT, "x": [item]}), spans={"s": "x"})
    assert error.rule == "`offsets` must be set if offsets can be counted in several units"
    assert_names(error.expected, "bytes")
    assert items([8, 11, "L"]) == [(8, 11, "L")]  # ends between words as characters
    assert items([4, 7, "P"]) == [(4, 7, "P")]  # no characters end there as bytes


def test_error_about_offsets_names_all_lines_and_no_unit_that_fits_only_some() -> None:
    wide = {"start": 3, "end": 9, "label": "P", "text": "الغرفة"}
    wrong = {"start": 0, "end": 3, "label": "P", "text": "عدن"}
    lines = as_lines(
        {"text": EMOJI, "x": [wide]},
        {"text": TEXT, "x": [wrong]},
        {"text": "a", "x": [[0, 9, "P"]]},
    )
    error = refused(lines, spans={"s": "x"})
    assert error.line == 1
    assert_names(error.found, "line 1", "line 2", "«عدن»", "line 3", "[0, 9]")
    assert "`offsets" not in str(error.expected)


def test_unit_must_be_set_only_where_it_makes_a_difference() -> None:
    first, second = [2, 8, "P"], {"start": 2, "end": 8, "label": "P", "text": "الغرفة"}
    before, after = {"text": "ا 😍", "x": [[0, 1, "P"]]}, {"text": EMOJI, "x": [first]}
    assert len(read(as_lines(before), spans={"s": "x"})) == 1
    assert refused(as_lines(before, after), spans={"s": "x"}).line == 2
    proof = {"text": EMOJI, "x": [second]}
    assert len(read(as_lines(before, after, proof), spans={"s": "x"})) == 3
    assert items(first, text=EMOJI, offsets="characters") == [(2, 8, "P")]


@given(ALPHABET)
def test_offsets_of_all_units(text: str) -> None:
    graphemes = regex.findall(r"\X", text)
    sizes = {
        "characters": [1] * len(text),
        "utf-16": [len(char.encode("utf-16-le")) // 2 for char in text],
        "graphemes": None,
        "bytes": [len(char.encode(errors="surrogatepass")) for char in text],
    }
    for unit, lengths in sizes.items():
        parts = graphemes if lengths is None else [*text]
        counted = [1] * len(parts) if lengths is None else lengths
        starts = {sum(counted[:n]): len("".join(parts[:n])) for n in range(len(parts) + 1)}
        for offset in range(-1, 4 * len(text) + 3):
            place = Offsets(text).range(unit, offset, offset)
            assert place == ((starts[offset],) * 2 if offset in starts else None)


def test_plain_characters_are_graphemes() -> None:
    plain = [chr(n) for n in range(0x800) if module._PLAIN.fullmatch(chr(n))]
    assert len(plain) > 500
    for text in ("".join(plain), "".join(reversed(plain))):
        assert len(regex.findall(r"\X", text)) == len(text)


def by_words(
    text: str, value: Any, **rules: str
) -> tuple[list[tuple[int, int, str]], dict[str, Any]]:
    """Returns the spans that a list of words is read as, and the notices."""
    option = {"key": "x", "by": "text", **rules}
    (example,), notices = read_noticing(as_lines({"text": text, "x": value}), spans={"s": option})
    return spans(example, "s"), notices


@pytest.mark.parametrize(
    "value",
    [
        [{"text": "ليث", "label": "P"}, {"text": "عدن", "label": "L"}],
        [["عدن", "L"], ["ليث", "P"]],
        {"L": ["عدن"], "P": ["ليث"], "O": []},
        {"L": "عدن", "P": ["ليث"]},
    ],
)
def test_spans_by_words(value: Any) -> None:
    assert by_words(TEXT, value) == ([(4, 7, "P"), (8, 11, "L")], {})


def test_words_and_labels_can_have_other_keys() -> None:
    record = {"text": TEXT, "x": [{"w": "ليث", "type": "P"}]}
    (example,) = read(as_lines(record), spans={"s": {"key": "x.type", "by": "w"}})
    assert spans(example, "s") == [(4, 7, "P")]


def test_equal_words_are_one_place_after_the_other() -> None:
    text = "عدن ليث عدن"
    twice = [["عدن", "A"], ["ليث", "P"], ["عدن", "B"]]
    assert by_words(text, twice)[0] == [(0, 3, "A"), (4, 7, "P"), (8, 11, "B")]
    one_place = by_words(TEXT, [["عدن", "A"], ["عدن", "B"], ["عدن", "B"]])
    assert one_place[0] == [(8, 11, "A"), (8, 11, "B")]
    assert one_place[1] == {"span that is in its record twice": (1, 1)}


def test_ambiguous_words() -> None:
    text, value = "عدن وعدن وعدن ليث", [["عدن", "A"], ["عدن", "B"], ["ليث", "P"]]
    option = {"key": "x", "by": "text"}
    error = refused(as_lines({"text": text, "x": value}), spans={"s": option})
    assert error.line == 1
    assert_names(error.found, "«عدن»", 3, 2)
    assert_names(error.expected, "ambiguous: first", "ambiguous: skip")
    assert by_words(text, value, ambiguous="first")[0] == [(0, 3, "A"), (5, 8, "B"), (14, 17, "P")]
    skipped, notices = by_words(text, value, ambiguous="skip")
    assert (skipped, [*notices.values()]) == ([(14, 17, "P")], [(2, 1)])


def test_absent_words() -> None:
    value = [["عمان", "A"], ["ليث", "P"]]
    option = {"key": "x", "by": "text"}
    error = refused(as_lines({"text": TEXT, "x": value}), spans={"s": option})
    assert_names(error.found, "«عمان»")
    assert_names(error.expected, "absent: skip")
    skipped, notices = by_words(TEXT, value, absent="skip")
    assert (skipped, [*notices.values()]) == ([(4, 7, "P")], [(1, 1)])
    three = [["عدن", "A"], ["عدن", "B"], ["عدن", "C"]]
    skipped, notices = by_words("عدن عدن", three, absent="skip")
    assert (skipped, [*notices.values()]) == ([(0, 3, "A"), (4, 7, "B")], [(1, 1)])


def test_words_whose_blanks_differ() -> None:
    text = "سوق\u00a0العمل سوق  العمل"
    found, notices = by_words(text, [["سوق العمل", "A"], [" سوق العمل", "B"]])
    assert found == [(0, 9, "A"), (10, 20, "B")]
    assert [*notices.values()] == [(2, 1)]


@pytest.mark.parametrize(
    "value", ["ليث", [["ليث"]], [["", "P"]], [[" ", "P"]], [{"text": 1}], {"P": [1]}]
)
def test_other_words_are_refused(value: Any) -> None:
    option = {"key": "x", "by": "text"}
    assert_names(refused(as_lines({"text": TEXT, "x": value}), spans={"s": option}).found, "s: ")


def test_annotating_ignores_all_annotations() -> None:
    lines = as_lines({"text": EMOJI, "x": [[2, 99, "P"]], "y": {"a": 0.5}, "answer": "reject"})
    reader = Records(spans={"s": "x"}, labels={"m": "y"})
    (record,) = reader.stream(io.BytesIO(lines.encode()))
    assert record.fields == json.loads(lines)
    assert record.example is not None
    assert (record.example.spans, record.example.labels) == ({}, {})
