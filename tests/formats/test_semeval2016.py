"""SemEval-2016 input: the examples in each unit, and one error for each broken rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from arabic_mtl.documents import Example, Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats import SemEval2016
from support.messages import assert_names

Unit = Literal["sentence", "opinion", "review"]

TEXT = "الفندق جميل والغرفة"
REVIEWS = {
    "7": [
        (
            TEXT,
            [
                ("الغرفة", "ROOMS#GENERAL", "negative"),
                ("الفندق", "HOTEL#GENERAL", "positive"),
                ("NULL", "HOTEL#PRICES", "positive"),
            ],
        ),
        ("شكرا", []),
    ],
    "8": [("فندق & مطعم", [("مطعم", "FOOD#QUALITY", "neutral")])],
}
REVIEW_OPINIONS = {"7": [("HOTEL#GENERAL", "positive"), ("ROOMS#GENERAL", "conflict")]}
GOOD = 'target="جميل" category="HOTEL#GENERAL" polarity="positive" from="7" to="11"'


def read(path: Path, unit: Unit = "sentence") -> list[Example]:
    return list(SemEval2016(unit=unit).read(path))


def read_error(path: Path, unit: Unit = "sentence") -> InputError:
    with pytest.raises(InputError) as caught:
        read(path, unit)
    return caught.value


def message(path: Path, unit: Unit = "sentence") -> str:
    return str(read_error(path, unit))


def position(error: InputError) -> tuple[Path | None, int | None, str | None]:
    return error.file, error.line, error.sentence


def with_opinion(folder: Path, opinion: str) -> Path:
    """Writes a file with one opinion, in line 4, on the sentence 1:0, «الفندق جميل»."""
    path = folder / "bad.xml"
    lines = (
        '<Reviews>\n<Review rid="1"><sentences><sentence id="1:0">',
        "<text>الفندق جميل</text>",
        f"<Opinions><Opinion {opinion}/></Opinions></sentence></sentences></Review></Reviews>",
    )
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def with_sentences(folder: Path, *sentences: str) -> Path:
    """Writes a file with one review; its sentences start in line 3, one per line."""
    path = folder / "bad.xml"
    lines = ['<Reviews><Review rid="1">', "<sentences>", *sentences]
    path.write_text("\n".join([*lines, "</sentences></Review></Reviews>"]), encoding="utf-8")
    return path


def assert_error(
    error: InputError,
    expected_position: tuple[Path, int, str | None],
    rule: Sequence[str],
    found: object,
    expected: Sequence[str],
) -> None:
    """Checks position and `found` exactly, and that rule and `expected` contain some names."""
    assert position(error) == expected_position
    assert_names(error.rule, *rule)
    assert error.found == found
    assert_names(error.expected, *expected)


def test_sentences(write_semeval: Callable[..., Path]) -> None:
    first, second, third = read(write_semeval(REVIEWS))
    assert first == Example(
        id="7:0",
        group="7",
        text=TEXT,
        labels={
            "category": ("ROOMS#GENERAL", "HOTEL#GENERAL", "HOTEL#PRICES"),
            "entity": ("ROOMS", "HOTEL"),
        },
        spans={
            "polarity": (Span(0, 0, "positive"), Span(0, 6, "positive"), Span(13, 19, "negative")),
            "aspect": (
                Span(0, 0, "HOTEL#PRICES"),
                Span(0, 6, "HOTEL#GENERAL"),
                Span(13, 19, "ROOMS#GENERAL"),
            ),
            "entity": (Span(0, 6, "HOTEL"), Span(13, 19, "ROOMS")),
            "category": (Span(0, 6, "HOTEL#GENERAL"), Span(13, 19, "ROOMS#GENERAL")),
        },
        line=4,
    )
    empty = {"polarity": (), "aspect": (), "entity": (), "category": ()}
    assert second == Example(
        id="7:1",
        group="7",
        text="شكرا",
        labels={"category": (), "entity": ()},
        spans=empty,
        line=5,
    )
    assert (third.id, third.group, third.text, third.line) == ("8:0", "8", "فندق & مطعم", 8)
    assert third.spans["polarity"] == (Span(7, 11, "neutral"),)


def test_opinions(write_semeval: Callable[..., Path]) -> None:
    def pair(number: int, target: str | None, category: str, polarity: str) -> Example:
        labels = {"category": (category,), "entity": (category.split("#")[0],)}
        labels["polarity"] = (polarity,)
        name = f"7:0/{number}"
        return Example(id=name, group="7", text=TEXT, pair=target, labels=labels, line=4)

    assert read(write_semeval(REVIEWS), "opinion")[:4] == [
        pair(0, "الغرفة", "ROOMS#GENERAL", "negative"),
        pair(1, "الفندق", "HOTEL#GENERAL", "positive"),
        pair(2, None, "HOTEL#PRICES", "positive"),
        Example(id="7:1", group="7", text="شكرا", line=5),
    ]


def test_reviews_shift_the_offsets_of_their_sentences(write_semeval: Callable[..., Path]) -> None:
    sentences = [
        (TEXT, [("الغرفة", "ROOMS#GENERAL", "negative"), ("NULL", "HOTEL#PRICES", "neutral")]),
        ("فندق", [("فندق", "HOTEL#GENERAL", "positive")]),
    ]
    (review,) = read(write_semeval({"7": sentences}), "review")
    assert review == Example(
        id="7",
        group="7",
        text=f"{TEXT} فندق",
        labels={
            "category": ("ROOMS#GENERAL", "HOTEL#PRICES", "HOTEL#GENERAL"),
            "entity": ("ROOMS", "HOTEL"),
        },
        spans={
            "polarity": (Span(0, 0, "neutral"), Span(13, 19, "negative"), Span(20, 24, "positive")),
            "aspect": (
                Span(0, 0, "HOTEL#PRICES"),
                Span(13, 19, "ROOMS#GENERAL"),
                Span(20, 24, "HOTEL#GENERAL"),
            ),
            "entity": (Span(13, 19, "ROOMS"), Span(20, 24, "HOTEL")),
            "category": (Span(13, 19, "ROOMS#GENERAL"), Span(20, 24, "HOTEL#GENERAL")),
        },
        line=3,
    )


def test_one_target_in_several_opinions(write_semeval: Callable[..., Path]) -> None:
    opinions = [
        ("الفندق", "HOTEL#GENERAL", "positive"),
        ("الفندق", "HOTEL#PRICES", "negative"),
        ("الفندق", "HOTEL#GENERAL", "positive"),
    ]
    (example,) = read(write_semeval({"7": [(TEXT, opinions)]}))
    assert [span.label for span in example.spans["polarity"]] == [
        "positive",
        "negative",
        "positive",
    ]
    assert [span.label for span in example.spans["aspect"]] == [
        "HOTEL#GENERAL",
        "HOTEL#PRICES",
        "HOTEL#GENERAL",
    ]
    assert example.spans["entity"] == (Span(0, 6, "HOTEL"),)
    assert example.labels["category"] == ("HOTEL#GENERAL", "HOTEL#PRICES")
    expected = (Span(0, 6, "HOTEL#GENERAL"), Span(0, 6, "HOTEL#PRICES"))
    assert example.spans["category"] == expected


def test_sb2_as_reviews(write_semeval: Callable[..., Path]) -> None:
    path = write_semeval({"7": [("فندق جميل", []), ("شكرا", [])]}, REVIEW_OPINIONS)
    assert read(path, "review") == [
        Example(
            id="7",
            group="7",
            text="فندق جميل شكرا",
            labels={"category": ("HOTEL#GENERAL", "ROOMS#GENERAL"), "entity": ("HOTEL", "ROOMS")},
            spans={
                "polarity": (Span(0, 0, "positive"), Span(0, 0, "conflict")),
                "aspect": (Span(0, 0, "HOTEL#GENERAL"), Span(0, 0, "ROOMS#GENERAL")),
                "entity": (),
                "category": (),
            },
            line=3,
        )
    ]


def test_sb2_as_opinions(write_semeval: Callable[..., Path]) -> None:
    path = write_semeval({"7": [("فندق جميل", []), ("شكرا", [])]}, REVIEW_OPINIONS)
    first, second = read(path, "opinion")
    assert first == Example(
        id="7/0",
        group="7",
        text="فندق جميل شكرا",
        pair="HOTEL#GENERAL",
        labels={"category": ("HOTEL#GENERAL",), "entity": ("HOTEL",), "polarity": ("positive",)},
        line=3,
    )
    labels = {"category": ("ROOMS#GENERAL",), "entity": ("ROOMS",), "polarity": ("conflict",)}
    assert second == replace(first, id="7/1", pair="ROOMS#GENERAL", labels=labels)


def test_sb2_as_sentences_is_rejected(write_semeval: Callable[..., Path]) -> None:
    path = write_semeval({"7": [("فندق جميل", [])]}, REVIEW_OPINIONS)
    error = read_error(path)
    assert position(error) == (path, 3, "7")
    assert_names(error.rule, "SB2")
    assert_names(error.found, "unit: sentence", "<Opinions>", "<Review>")
    assert_names(error.expected, "unit: review", "unit: opinion")


@pytest.mark.parametrize(
    ("unit", "labels", "spans"),
    [
        ("sentence", {"category", "entity"}, {"polarity", "aspect", "entity", "category"}),
        ("review", {"category", "entity"}, {"polarity", "aspect", "entity", "category"}),
        ("opinion", {"category", "entity", "polarity"}, set()),
    ],
)
def test_layers_match_the_examples(
    unit: Unit, labels: set[str], spans: set[str], write_semeval: Callable[..., Path]
) -> None:
    corpus = SemEval2016(unit=unit)
    example = read(write_semeval(REVIEWS), unit)[0]
    assert corpus.layers.labels == labels == set(example.labels)
    assert corpus.layers.spans == spans == set(example.spans)


def test_the_word_null_in_the_text_can_be_a_target(tmp_path: Path) -> None:
    sentence = (
        '<sentence id="1:0"><text>NULL هنا</text><Opinions><Opinion target="NULL" '
        'category="A#B" polarity="positive" from="0" to="4"/></Opinions></sentence>'
    )
    (example,) = read(with_sentences(tmp_path, sentence))
    assert example.spans["entity"] == (Span(0, 4, "A"),)


@pytest.mark.parametrize(
    "text",
    ["فندق<!-- هنا --> جميل", "فندق<?pi هنا?> جميل", "فندق<![CDATA[ جميل]]>", "فندق&#32;جميل"],
)
def test_comments_do_not_split_the_text(tmp_path: Path, text: str) -> None:
    path = with_sentences(tmp_path, f'<sentence id="1:0"><text>{text}</text></sentence>')
    assert read(path)[0].text == "فندق جميل"


def test_elements_in_the_text_are_rejected(tmp_path: Path) -> None:
    sentence = '<sentence id="1:0"><text>فندق <b>جميل</b> جدا</text></sentence>'
    path = with_sentences(tmp_path, sentence)
    assert position(read_error(path)) == (path, 3, "1:0")


@pytest.mark.parametrize(
    ("opinion", "found", "expected"),
    [
        (
            GOOD.replace('"7"', '"0"').replace('"11"', '"4"'),
            ["«الفن»", "from=0 to=4"],
            ["«جميل»", "from=7 to=11"],
        ),
        (
            GOOD.replace('"7"', '"11"').replace('to="11"', 'to="7"'),
            ["«»", "from=11 to=7"],
            ["«جميل»", "from=7 to=11"],
        ),
        (
            GOOD.replace('"11"', '"99"'),
            ["«جميل»", "from=7 to=99"],
            ["«جميل»", "from=7 to=11"],
        ),
        (GOOD.replace("جميل", "حسن"), ["«جميل»", "from=7 to=11"], ["«حسن»"]),
        (GOOD.replace("جميل", ""), ["«جميل»", "from=7 to=11"], ["«»"]),
        (
            GOOD.replace("جميل", "NULL"),
            ["«جميل»", "from=7 to=11"],
            ["«NULL»", "from=0 to=0"],
        ),
    ],
    ids=["elsewhere", "reversed", "beyond the text", "not in the text", "empty", "NULL"],
)
def test_offsets_must_enclose_the_target(
    tmp_path: Path, opinion: str, found: list[str], expected: list[str]
) -> None:
    path = with_opinion(tmp_path, opinion)
    error = read_error(path)
    assert_error(error, (path, 4, "1:0"), ["`from`", "`to`"], error.found, expected)
    assert_names(error.found, *found)
    assert ("from=" in str(error.expected)) is (len(expected) > 1)


@pytest.mark.parametrize("name", ["category", "polarity"])
@pytest.mark.parametrize("value", ["", " "])
def test_labels_must_not_be_empty(tmp_path: Path, name: str, value: str) -> None:
    opinion = re.sub(f'{name}="[^"]*"', f'{name}="{value}"', GOOD)
    error = read_error(with_opinion(tmp_path, opinion))
    assert (error.line, error.sentence) == (4, "1:0")
    assert error.rule == f"an opinion's `{name}` must be a label"
    assert error.found == f'{name}="{value}"'


@pytest.mark.parametrize("value", ["x", "-1", "7.0", "", " 7", "²", "9" * 5000])
@pytest.mark.parametrize("name", ["from", "to"])
def test_offsets_must_be_whole_numbers(tmp_path: Path, name: str, value: str) -> None:
    opinion = GOOD.replace(f'{name}="{"7" if name == "from" else "11"}"', f'{name}="{value}"')
    path = with_opinion(tmp_path, opinion)
    error = read_error(path)
    assert position(error) == (path, 4, "1:0")
    assert f"`{name}`" in error.rule
    assert str(error.found).startswith(f'{name}="{value[:9]}')


def test_message_has_position_rule_found_and_expected(tmp_path: Path) -> None:
    path = with_opinion(tmp_path, GOOD.replace('"7"', '"0"').replace('"11"', '"4"'))
    where, expected, found, rule = sorted(message(path).splitlines())
    assert where == f"  at:       {path}, line 4, sentence 1:0"
    assert_names(found, "  found:    ", "«الفن»", "from=0 to=4")
    assert_names(expected, "  expected: ", "«جميل»", "from=7 to=11")
    assert_names(rule, "  rule:     ", "`from`", "`to`")


@pytest.mark.parametrize("name", ["category", "polarity", "target", "from", "to"])
def test_missing_attribute_of_an_opinion(tmp_path: Path, name: str) -> None:
    parts = [part for part in GOOD.split() if not part.startswith(f"{name}=")]
    path = with_opinion(tmp_path, " ".join(parts))
    other_names = sorted({"category", "polarity", "target", "from", "to"} - {name})
    rule, expected = ["<Opinion>", f"`{name}`"], [f'<Opinion {name}="…">']
    assert_error(read_error(path), (path, 4, "1:0"), rule, f"attributes {other_names}", expected)


def test_missing_id_of_a_sentence(tmp_path: Path) -> None:
    path = with_sentences(tmp_path, "<sentence><text>نص</text></sentence>")
    rule, expected = ["<sentence>", "`id`"], ['<sentence id="…">']
    assert_error(read_error(path), (path, 3, None), rule, "attributes []", expected)


def test_missing_rid_of_a_review(tmp_path: Path) -> None:
    path = tmp_path / "bad.xml"
    path.write_text("<Reviews>\n<Review><sentences/></Review></Reviews>")
    rule, expected = ["<Review>", "`rid`"], ['<Review rid="…">']
    assert_error(read_error(path), (path, 2, None), rule, "attributes []", expected)


@pytest.mark.parametrize("name", ["category", "polarity"])
def test_missing_attribute_of_a_review_opinion(tmp_path: Path, name: str) -> None:
    path = tmp_path / "bad.xml"
    opinion = {"category": 'polarity="p"', "polarity": 'category="c"'}[name]
    path.write_text(
        '<Reviews><Review rid="5"><sentences><sentence id="5:0"><text>a</text></sentence>'
        f"</sentences><Opinions>\n<Opinion {opinion}/></Opinions></Review></Reviews>"
    )
    error = read_error(path, "review")
    assert position(error) == (path, 2, "5")
    assert_names(error.rule, "<Opinion>", f"`{name}`")


SENTENCE = '<sentence id="1:0"><text>نص</text></sentence>'


def test_sentence_without_text(tmp_path: Path) -> None:
    path = with_sentences(tmp_path, SENTENCE, '<sentence id="1:1"><Opinions/></sentence>')
    assert_error(read_error(path), (path, 4, "1:1"), ["<text>"], "0 <text>", ["<text>…</text>"])


def test_sentence_with_two_texts(tmp_path: Path) -> None:
    sentence = '<sentence id="1:0"><text>نص</text><text>آخر</text></sentence>'
    error = read_error(path := with_sentences(tmp_path, sentence))
    assert_error(error, (path, 3, "1:0"), ["<text>"], "2 <text>", ["<text>…</text>"])


def test_duplicate_sentence_ids(tmp_path: Path) -> None:
    path = with_sentences(tmp_path, SENTENCE, SENTENCE)
    error = read_error(path)
    assert position(error) == (path, 4, "1:0")
    assert_names(error.rule, "<sentence>", " id ")
    assert_names(error.found, " id 1:0")


def test_duplicate_sentence_ids_in_other_reviews(tmp_path: Path) -> None:
    path = tmp_path / "bad.xml"
    review = f'<Review rid="{{}}"><sentences>{SENTENCE}</sentences></Review>\n'
    path.write_text(f"<Reviews>{review.format(1)}{review.format(2)}</Reviews>", encoding="utf-8")
    error = read_error(path)
    assert position(error) == (path, 2, "1:0")
    assert_names(error.rule, "<sentence>", " id ")
    assert_names(error.found, " id 1:0")


def test_duplicate_review_ids_in_unit_review(tmp_path: Path) -> None:
    path = tmp_path / "bad.xml"
    review = '<Review rid="1"><sentences><sentence id="{}"><text>a</text></sentence></sentences>'
    lines = [review.format(n) + "</Review>" for n in ("1:0", "1:1")]
    path.write_text("<Reviews>" + "\n".join(lines) + "</Reviews>")
    error = read_error(path, "review")
    assert position(error)[:2] == (path, 2)
    assert_names(error.found, " id 1")


def test_good_examples_come_before_a_later_error(tmp_path: Path) -> None:
    path = tmp_path / "bad.xml"
    good = f'<Review rid="1"><sentences>{SENTENCE}</sentences></Review>'
    path.write_text(f"<Reviews>{good}\n<Review/></Reviews>", encoding="utf-8")
    examples = SemEval2016().read(path)
    assert next(examples).id == "1:0"
    with pytest.raises(InputError) as caught:
        next(examples)
    assert position(caught.value) == (path, 2, None)


def test_real_training_sentences(hotels: Path) -> None:
    examples = read(hotels / "AR_Hotels_Train_SB1.xml")
    spans = [span for example in examples for span in example.spans["polarity"]]
    assert len(examples) == 4802
    assert len({example.group for example in examples}) == 1839
    assert len(spans) == 10509
    assert sum(span.is_null for span in spans) == 889
    for example in examples:
        offsets = [
            [(span.start, span.end) for span in example.spans[layer]]
            for layer in ("polarity", "aspect")
        ]
        assert offsets[0] == offsets[1]
    assert Counter(span.label for span in spans) == {
        "positive": 6197,
        "negative": 3629,
        "neutral": 683,
    }


@pytest.mark.parametrize(
    ("name", "unit", "examples", "ids"),
    [
        ("AR_Hotels_Train_SB1.xml", "review", 1839, 1839),
        ("AR_Hotels_Train_SB1.xml", "opinion", 10509 + 12, 10521),
        ("AR_Hotels_Train_SB2.xml", "review", 1839, 1839),
        ("AR_Hotels_Train_SB2.xml", "opinion", 8757, 8757),
    ],
)
def test_real_files_in_other_units(
    hotels: Path, name: str, unit: Unit, examples: int, ids: int
) -> None:
    parsed = read(hotels / name, unit)
    assert len(parsed) == examples
    assert len({example.id for example in parsed}) == ids
    assert len({example.group for example in parsed}) == 1839


def test_real_test_input_has_no_opinions(hotels: Path) -> None:
    examples = read(hotels / "AR_HOTE_SB1_TEST.xml.A")
    assert len(examples) == 1227
    assert not any(spans for example in examples for spans in example.spans.values())
