"""Tags of CoNLL files: schemes, new names, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.errors import InputError
from arabic_mtl.formats import Conll
from support.conll import counts, read, refusal, spans
from support.messages import assert_names

OPENED, ENDING = "span that opens with I-", "span that opens with E- or L-"
UNENDED = "span that ends without E- or L-"


def tagged(tags: str) -> str:
    """Returns a sentence of words of one letter."""
    return "".join(f"ا {tag}\n" for tag in tags.split())


def labelled(tags: str, **options: Any) -> list[tuple[int, int, str]]:
    """Returns the spans of a sentence: index of first word, index after the last, label."""
    (example,), _ = read(tagged(tags), **options)
    return [(start // 2, (end + 1) // 2, label) for start, end, label in spans(example)]


@pytest.mark.parametrize(
    ("scheme", "tags", "expected", "notices"),
    [
        ("bio", "B-A I-A B-A O I-A I-B", [(0, 2), (2, 3), (4, 5), (5, 6)], {OPENED: (2, 5)}),
        ("io", "A A O A B", [(0, 2), (3, 4), (4, 5)], {}),
        ("words", "A A O B-A", [(0, 1), (1, 2), (3, 4)], {}),
        ("bioes", "S-A B-A E-A B-A I-A E-A S-B", [(0, 1), (1, 3), (3, 6), (6, 7)], {}),
        ("bilou", "U-A B-A L-A B-A I-A L-A", [(0, 1), (1, 3), (3, 6)], {}),
        ("bioes", "B-A I-A O", [(0, 2)], {UNENDED: (1, 2)}),
        ("bioes", "E-A E-A I-A", [(0, 1), (1, 2), (2, 3)],
            {ENDING: (2, 1), OPENED: (1, 3), UNENDED: (1, 3)}),
        ("bioes", "B-A E-B", [(0, 1), (1, 2)], {UNENDED: (1, 1), ENDING: (1, 2)}),
    ],
)  # fmt: skip
def test_schemes(
    scheme: str, tags: str, expected: list[tuple[int, int]], notices: dict[str, tuple[int, int]]
) -> None:
    assert [span[:2] for span in labelled(tags, scheme=scheme)] == expected
    assert counts(read(tagged(tags), scheme=scheme)[1]) == notices


@given(st.lists(st.sampled_from(["O", *(f"{kind}-{label}" for kind in "BIES" for label in "AB")])))
def test_bioes_finds_the_spans_of_seqevals_lenient_mode(tags: list[str]) -> None:
    seqeval = pytest.importorskip("seqeval.metrics.sequence_labeling")
    expected = [(start, end + 1, label) for label, start, end in seqeval.get_entities(tags)]
    found = labelled(" ".join(tags), scheme="bioes") if tags else []
    assert found == expected


@given(st.lists(st.sampled_from(["O", *(f"{kind}-{label}" for kind in "BI" for label in "AB")])))
def test_bio_finds_the_spans_of_seqevals_lenient_mode(tags: list[str]) -> None:
    seqeval = pytest.importorskip("seqeval.metrics.sequence_labeling")
    expected = [(start, end + 1, label) for label, start, end in seqeval.get_entities(tags)]
    assert (labelled(" ".join(tags)) if tags else []) == expected


def test_tags_are_renamed_before_labels() -> None:
    names = {"B-OEG": "B-ORG", "o": None, "i": "I-ORG", "PRG": "ORG", "ZZ": None}
    rename = {"ner": names}
    found = labelled("B-OEG i I-PRG o B-PRG I-ORG B-ZZ I-ZZ", rename=rename)
    assert found == [(0, 3, "ORG"), (4, 6, "ORG")]
    assert labelled("A B C", scheme="io", rename={"ner": {"A": "B", "B": "C", "C": None}}) == [
        (0, 1, "B"),
        (1, 2, "C"),
    ]


def test_outside_can_be_other_tags() -> None:
    assert labelled("_ B-A 0 I-A", outside=["_", "0"]) == [(1, 2, "A"), (3, 4, "A")]


def test_all_unknown_tags_of_a_file_are_in_one_error() -> None:
    content = "ا B-ORG\nب o\nت O\n\nث B_LOC\nج o\nح I--ORG\nخ B-OEG\n"
    error = refusal(content)
    assert error.line == 2
    assert_names(error.found, "o × 2 (line 2)", "B_LOC × 1 (line 5)", "I--ORG × 1 (line 7)")
    assert_names(error.found, "B-ORG × 1 (line 1)", "O × 1 (line 3)", "B-OEG × 1 (line 8)")
    assert_names(error.expected, "rename: {ner: {o: O, B_LOC: ", "null")


def test_unknown_tags_of_all_columns_are_in_one_error() -> None:
    error = refusal("ا x y\n", columns=["word", "a", "b..."])
    assert_names(error.found, "column a: x × 1 (line 1)", "column b: y × 1 (line 1)")


@pytest.mark.parametrize(
    ("tags", "options", "hint"),
    [
        ("Pers O Pers", {}, "scheme: io"),
        ("B-A S-A", {}, "scheme: bioes"),
        ("B-A O", {"scheme": "io"}, "scheme: bio"),
        ("Tag O B-A", {}, "header: true"),
        ("\u200f O", {}, '"\\u200f": …'),
    ],
)
def test_errors_name_the_option_that_may_be_meant(
    tags: str, options: dict[str, Any], hint: str
) -> None:
    assert_names(refusal(tagged(tags), **options).expected, hint)


def test_many_unknown_tags_stop_the_reading() -> None:
    content = "\n\n".join(f"ا w{n}" for n in range(1000))
    error = refusal(content)
    assert_names(error.found, "w0 × 1 (line 1)", "w199 ×", "1 more")
    assert "w202" not in str(error)


def test_sentences_with_unknown_tags_can_be_skipped() -> None:
    examples, notices = read("ا x\nب y\n\nت O\n\nث\n\nج O\n", on_error="skip")
    assert [example.text for example in examples] == ["ت", "ج"]
    assert [(notice.number, notice.line) for notice in notices] == [(1, 1), (1, 6)]
    examples, _ = read("ا O\n\n".encode() + b"\xff O\n\n" + "ب O\n".encode(), on_error="skip")
    assert [example.text for example in examples] == ["ا", "ب"]


@pytest.mark.parametrize(
    ("content", "options", "line", "found", "expected"),
    [
        ("ا O\n.O\n", {}, 2, ["1 column ", "«.O»"], [". O"]),
        ("ا O\n. Oالإصابة O\n", {}, 2, ["3 columns", ". Oالإصابة O"], ["line end", ". O"]),
        ("ا O ب O\n", {}, 1, ["4 columns"], ["line end", "ا O"]),
        (" O\n", {}, 1, ["1 column ", "« O»"], ["the word before the blank"]),
        (" O\n", {"delimiter": "space"}, 1, ["an empty word", "« O»"], []),
        ("ا O\nB-A فيصل\n", {}, 2, ["«B-A فيصل»"], ["swapped", "«فيصل»"]),
        ("ا B-A B-B\n", {}, 1, ["3 columns"], ["[word, ner...]"]),
        ("ا\n", {"columns": ["word", "ner..."]}, 1, ["1 column "], ["at least 2"]),
        ("ا O\n", {"columns": ["word"]}, 1, ["2 columns"], ["`_`"]),
        ("و 5\tB-A\n", {}, 1, ["3 columns"], ["delimiter: tab"]),
        ("ا,O\n", {}, 1, ["1 column "], ['delimiter: ","']),
        ("ا O\n" * 5, {"longest": 3}, 1, ["5 words", "longest: 3"], ["sentences", "every"]),
    ],
)
def test_lines_are_refused_with_a_reason(
    content: str, options: dict[str, Any], line: int, found: list[str], expected: list[str]
) -> None:
    error = refusal(content, **options)
    assert error.line == line
    assert_names(error.found, *found)
    assert_names(error.expected, *expected)


def test_undecodable_lines_are_refused_with_the_position() -> None:
    filler = "ا O\n" * 20_000
    error = refusal(filler.encode() + b"\xff O\n", longest=10**6)
    assert error.line == 20_001
    assert_names(error.found, "0xff", f"{len(filler.encode()):,}")
    error = refusal("قال O\n".encode("windows-1256"))
    assert_names(error.expected, "encoding: windows-1256", "قال O")
    error = refusal("قال O\n\nعدن O\n".encode("utf-16-le"))
    assert_names(error.expected, "encoding: utf-16", "قال O")
    for encoding in ("windows-1256", "utf-16"):
        (example,), _ = read("قال B-A\n".encode(encoding), encoding=encoding)
        assert (example.text, spans(example)) == ("قال", [(0, 3, "A")])


@pytest.mark.parametrize(
    "options",
    [
        {"columns": []},
        {"columns": ["ner"]},
        {"columns": ["word...", "ner"]},
        {"columns": ["word", "ner", "ner"]},
        {"columns": ["word", "ner...", "pos"]},
        {"columns": ["word", "ner_2", "ner..."]},
        {"delimiter": ""},
        {"quoting": "csv"},
        {"sentences": {"column": "id"}},
        {"sentences": {"every": 0}},
        {"sentences": {"after": []}},
        {"sentences": {"column": "ner", "every": 2}},
        {"documents": {"file": "ner"}},
        {"documents": {"column": "_"}},
        {"space_after": "misc"},
        {"scheme": {"pos": "bio"}},
        {"rename": {"pos": {"A": "B"}}},
        {"comments": ""},
        {"longest": 0},
    ],
)
def test_contradicting_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        Conll(**{"columns": ["word", "ner"]} | options)
    (name,) = options
    assert_names(caught.value.rule, name)


def test_tags_of_bioes_are_not_renamed_to_themselves() -> None:
    error = refusal(tagged("B-A S-A e-B o"))
    _, hint = error.expected.split("; ", 1)
    assert hint.startswith(
        "or `scheme: bioes` or `bilou`; or `rename: {ner: {S-A: …, e-B: …, o: O}}`"
    )


@pytest.mark.parametrize("skips", ["stop", "skip"])
def test_lines_that_end_with_cr_only_are_named(skips: str) -> None:
    error = refusal("ا O\rب B-A\r\rج O\r", on_error=skips)
    assert (error.rule, error.found) == ("lines must end with LF or CR LF", "CR only")
    assert error.line == 1
