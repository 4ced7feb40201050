"""CoNLL files with predicted tags: all else stays as it is."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic_mtl.errors import InputError
from arabic_mtl.formats import Conll, Notices, Text, annotate
from support.conll import Finder, counts, read, spans, write
from support.formats import Words
from support.messages import assert_names

NER = {"ner": "ner"}
SNAPPED = "predicted span changed to whole words"
OVERLAPPING = "predicted span left out: it overlaps another one"


def test_only_tags_are_replaced() -> None:
    content = (
        "\ufeff# id = 1\r\n-DOCSTART- -X- O O\r\n\r\n"
        " بنك  N\tI-ORG \r\nعدن _ _\n \n\n# ب\nفتح N B-LOC\n\nو N O"
    )
    model = Finder({"بنك عدن": {"ner": [(0, 3, "A"), (4, 7, "B")]}}, NER)
    output, notices = write(content, model, columns=["word", "pos", "ner"], comments="# ")
    assert output.decode() == (
        "\ufeff# id = 1\r\n-DOCSTART- -X- O O\r\n\r\n"
        " بنك  N\tB-A \r\nعدن _ B-B\n \n\n# ب\nفتح N O\n\nو N O"
    )
    assert notices == {}


@pytest.mark.parametrize(
    ("scheme", "tags", "rule"),
    [
        ("bio", "B-A I-A B-A O", None),
        ("bioes", "B-A E-A S-A O", None),
        ("bilou", "B-A L-A U-A O", None),
        ("io", "A A A O", "predicted span that `scheme: io` joins with the one before"),
        ("words", "A A A O", "predicted span of several words in a column of single words"),
    ],
)
def test_tags_are_of_the_scheme_of_the_file(scheme: str, tags: str, rule: str | None) -> None:
    model = Finder({"ا ب ت ث": {"ner": [(0, 3, "A"), (4, 5, "A")]}}, NER)
    output, notices = write("ا O\nب O\nت O\nث O\n", model, scheme=scheme)
    assert [line.split()[1] for line in output.decode().splitlines()] == tags.split()
    assert notices == ({rule: (1, 1)} if rule else {})


def test_spans_are_changed_to_whole_words() -> None:
    found = [(0, 0, "NULL"), (1, 3, "A"), (3, 4, "B"), (4, 7, "C"), (5, 9, "D"), (8, 11, "E")]
    model = Finder({"بنك عدن فتح": {"ner": found}}, NER)
    output, notices = write("بنك O\nعدن O\nفتح O\n", model)
    assert output.decode() == "بنك B-A\nعدن B-C\nفتح B-E\n"
    assert notices == {
        "predicted span left out: it has no word": (2, 1),
        SNAPPED: (1, 1),
        OVERLAPPING: (1, 1),
    }


def test_levels_are_written_as_far_as_there_are_tags() -> None:
    layers = {"outer": "ner", "inner": "ner_2", "deepest": "ner_3"}
    found = {"outer": [(0, 3, "A")], "inner": [(0, 1, "B")], "deepest": [(2, 3, "C")]}
    options: dict[str, Any] = {"columns": ["word", "ner..."]}
    content = "ا O\nب B-X B-Y O B-Z\u2028\nت B-X B-Y\n"
    output, notices = write(content, Finder({"ا ب ت": found}, layers), **options)
    assert output.decode() == "ا B-A B-B\nب I-A O B-C B-Z\u2028\nت O\n"
    assert notices == {}
    output, _ = write(content, Finder({"ا ب ت": found}, {"outer": "ner"}), **options)
    assert output.decode() == "ا B-A\nب I-A B-Y O B-Z\u2028\nت O B-Y\n"


def test_columns_are_added_to_files_without_tags() -> None:
    found = {"one": [(0, 1, "A")], "two": [(2, 3, "B")]}
    model = Finder({"ا ب": found}, {"one": "x", "two": "y"})
    output, _ = write("ا\n ب \r\n\nت\n", model, columns=["word"])
    assert output.decode() == "ا B-A O\n ب O B-B \r\n\nت O O\n"
    output, _ = write("ا\t1\nب\t2\n", model, columns=["word", "_"], delimiter="tab", scheme="io")
    assert output.decode() == "ا\t1\tA\tO\nب\t2\tO\tB\n"


def test_quoted_cells_stay_quoted() -> None:
    model = Finder({', ا" ب': {"ner": [(0, 1, "a,b"), (2, 4, 'c"')]}}, NER)
    content = '"w","t","x,y"\n",",O,"1, 2"\n"ا""","O",\nب,"O",3\n'
    options: dict[str, Any] = {"delimiter": ",", "quoting": "csv", "header": True}
    output, _ = write(content, model, columns=["word", "ner", "_"], **options)
    assert output.decode() == ('"w","t","x,y"\n",","B-a,b","1, 2"\n"ا""","B-c""",\nب,"O",3\n')


def test_the_only_column_takes_the_only_task() -> None:
    found = {"ا": {"rooms": [(0, 1, "A")]}}
    output, _ = write("ا O\n", Finder(found, {"rooms": "target"}))
    assert output.decode() == "ا B-A\n"
    two = {"rooms": "target", "other": "other"}
    with pytest.raises(InputError) as caught:
        write("ا O\n", Finder(found, two))
    assert_names(caught.value.found, "ner")
    assert_names(caught.value.expected, "target", "other")
    output, notices = write(
        "ا O\n", Finder({"ا": {"ner": [], "b": [(0, 1, "X")]}}, NER | {"b": "b"})
    )
    assert (output.decode(), [*notices]) == (
        "ا O\n",
        ["prediction of the task b, which has no column"],
    )


def test_models_and_inputs_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError):
        write("ا O\n", Finder({}, {}))
    model, output = Finder({"ا": {"ner": [(0, 1, "A B")]}}, NER), io.BytesIO()
    with pytest.raises(InputError) as caught:
        write("ب O\n\nا O\n", model)
    assert (caught.value.line, caught.value.found) == (3, "'B-A B'")
    with pytest.raises(InputError) as caught:
        Conll(columns=["word"]).write(
            output, annotate(Text().stream(io.BytesIO(b"a")), model, 2), model, Notices()
        )
    assert_names(caught.value.found, "NoneType")


def test_encodings_are_kept() -> None:
    for encoding in ("windows-1256", "utf-16", "utf-16-le"):
        name = "utf-16" if encoding == "utf-16-le" else encoding
        content = "ا O\r\n\r\nب O\n".encode(encoding)
        model = Finder({"ب": {"ner": [(0, 1, "A")]}}, NER)
        output, _ = write(content, model, encoding=name)
        assert output == "ا O\r\n\r\nب B-A\n".encode(encoding)
    with pytest.raises(InputError) as caught:
        write(
            "ا O\n".encode("windows-1256"),
            Finder({"ا": {"ner": [(0, 1, "Ω")]}}, NER),
            encoding="windows-1256",
        )
    assert_names(caught.value.found, "Ω")


def test_gold_tags_are_not_read() -> None:
    record, end = Conll(columns=["word", "_", "ner"]).stream(
        io.BytesIO("ا - ?\nب - \u200f\n".encode())
    )
    assert end.example is None
    assert record.named_fields() == {
        "id": "line:1",
        "text": "ا ب",
        "words": ["ا", "ب"],
        "ner": ["?", "\u200f"],
    }


def test_opinions_are_written_for_their_targets() -> None:
    content = "كانت O\nالغرفة O\n"
    output, notices = write(content, Words(), columns=["word", "target"])
    assert output.decode() == "كانت O\nالغرفة B-ROOMS\n"
    assert [*notices] == [
        "prediction of the task kind, which has no column",
        "prediction of the task mood, which has no column",
    ]


@st.composite
def found_spans(draw: Any) -> tuple[list[str], list[tuple[int, int, str]]]:
    """Draws words, and spans of them that do not overlap."""
    words = draw(st.lists(st.text("ابتB-I.", min_size=1, max_size=3), min_size=1, max_size=8))
    bounds = sorted(draw(st.sets(st.integers(0, len(words)))))
    starts = [sum(map(len, words[:n])) + n for n in range(len(words) + 1)]
    return words, [
        (starts[first], starts[end] - 1, draw(st.sampled_from("AB")))
        for first, end in pairwise(bounds)
        if draw(st.booleans())
    ]


@given(
    found_spans(), st.sampled_from(["bio", "bioes", "bilou"]), st.sampled_from(["tab", "blanks"])
)
def test_written_spans_are_read_back(
    found: tuple[list[str], list[tuple[int, int, str]]], scheme: str, delimiter: str
) -> None:
    words, expected = found
    gap = "\t" if delimiter == "tab" else "  "
    content = "".join(f"{word}{gap}B-X\n" for word in words)
    model = Finder({" ".join(words): {"ner": expected}}, NER)
    output, notices = write(content, model, scheme=scheme, delimiter=delimiter)
    (example,), reading = read(output, scheme=scheme, delimiter=delimiter)
    assert (example.text, spans(example)) == (" ".join(words), expected)
    assert notices == {}
    assert counts(reading).keys() <= {"run of blanks between columns"}
