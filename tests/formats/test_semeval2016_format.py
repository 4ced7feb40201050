"""Reviews with opinions: the official form, and who can tell it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from arabic_mtl.documents import AnnotatedSpan, Annotation, LabelScore, Opinion
from support.formats import Words, converted, refusal
from support.paths import SAMPLE
from support.semeval import opinion_texts

TEXTS = [
    ("شكرا، الغرفة و العشاء", [("NULL", "HOTEL#GENERAL", "positive")]),
    ("لا شيء", []),
]


def opinions(path: Path) -> list[list[Opinion]]:
    return [of.opinions for of in opinion_texts(path)]


def test_opinions_stand_in_the_official_form(write_semeval: Callable[..., Path]) -> None:
    path = write_semeval({"1": TEXTS})
    path.write_text(converted(path.read_text("utf-8"), "xml"), encoding="utf-8")
    assert opinions(path) == [
        [
            Opinion("NULL", "HOTEL#GENERAL", "positive", 0, 0),
            Opinion("الغرفة", "ROOMS#GENERAL", "positive", 6, 12),
            Opinion("العشاء", "FOOD#PRICES", "neutral", 15, 21),
        ],
        [],
    ]


class Gold(Words):
    """Says what is right."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.right = {of.text.text: of.opinions for of in opinion_texts(path)}

    def annotation(self, text: str) -> Annotation:
        spans = [
            AnnotatedSpan(
                o.start,
                o.end,
                text[o.start : o.end],
                {"kind": LabelScore(o.category, 1.0), "mood": LabelScore(o.polarity, 1.0)},
            )
            for o in self.right[text]
        ]
        return Annotation(text, tuple(spans), {"kind": ()})


def test_gold_opinions_make_the_gold_file() -> None:
    path = SAMPLE / "validation.xml"
    assert converted(path.read_bytes(), "xml", model=Gold(path)) == path.read_text("utf-8")


def test_a_model_without_polarities_leaves_them_out() -> None:
    given = "<Reviews><sentence><text>الغرفة</text></sentence></Reviews>"
    model = Words(target="ner", category="kind", aspect="kind")
    assert '<Opinion target="الغرفة" category="ROOMS#GENERAL" from="0" to="6"/>' in converted(
        given, "xml", model=model
    )


def test_a_model_of_categories_alone_speaks_of_null() -> None:
    given = "<Reviews><sentence><text>الغرفة و السعر</text></sentence></Reviews>"
    written = converted(given, "xml", model=Words(category="kind"))
    for category in ("ROOMS#GENERAL", "FOOD#PRICES"):
        assert f'<Opinion target="NULL" category="{category}" from="0" to="0"/>' in written
    assert written.count("<Opinion ") == 2


def test_spans_without_a_category_are_no_opinions() -> None:
    given = "<Reviews><sentence><text>الغرفة</text></sentence></Reviews>"
    model = Words(target="ner", polarity="mood", aspect="other")
    assert "Opinion" not in converted(given, "xml", model=model)


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ({"target": "ner", "polarity": "mood"}, "polarity, target"),
        ({"target": "ner", "category": "kind", "polarity": "mood"}, "category, polarity, target"),
        ({"category": "kind", "polarity": "mood"}, "category, polarity"),
    ],
)
def test_a_model_whose_targets_have_no_categories(roles: dict[str, str], told: str) -> None:
    given = "<Reviews><sentence><text>الغرفة</text></sentence></Reviews>"
    error = refusal(given, "xml", model=Words(**roles))
    assert "<Opinion>" in error.rule
    assert f" {told}, " in str(error.found)
    assert "--output-format jsonl" in str(error.expected)
    assert converted(given, "xml", "jsonl", model=Words(**roles)).count("\n") == 1


def test_opinions_on_whole_reviews_are_refused(write_semeval: Callable[..., Path]) -> None:
    path = write_semeval({"1": [TEXTS[1]], "2": TEXTS[1:]}, {"2": [("HOTEL#GENERAL", "positive")]})
    error = refusal(path.read_bytes(), "xml")
    assert "SB2" in str(error.found)
    assert error.line == 6
