"""SemEval-2016 output: its form, and the models that it can be written with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from arabic_mtl.documents import AnnotatedSpan, Annotation, LabelScore, Opinion
from support.formats import Words, conversion_error, convert
from support.paths import SAMPLE
from support.semeval import opinion_texts

TEXTS = [
    ("شكرا، الغرفة و العشاء", [("NULL", "HOTEL#GENERAL", "positive")]),
    ("لا شيء", []),
]


def opinions(path: Path) -> list[list[Opinion]]:
    return [text.opinions for text in opinion_texts(path)]


def test_output_has_the_official_form(write_semeval: Callable[..., Path]) -> None:
    path = write_semeval({"1": TEXTS})
    path.write_text(convert(path.read_text("utf-8"), "xml"), encoding="utf-8")
    assert opinions(path) == [
        [
            Opinion("NULL", "HOTEL#GENERAL", "positive", 0, 0),
            Opinion("الغرفة", "ROOMS#GENERAL", "positive", 6, 12),
            Opinion("العشاء", "FOOD#PRICES", "neutral", 15, 21),
        ],
        [],
    ]


class Gold(Words):
    """A model that predicts the gold opinions."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.gold = {t.text.text: t.opinions for t in opinion_texts(path)}

    def annotation(self, text: str) -> Annotation:
        spans = [
            AnnotatedSpan(
                o.start,
                o.end,
                text[o.start : o.end],
                {"kind": LabelScore(o.category, 1.0), "mood": LabelScore(o.polarity, 1.0)},
            )
            for o in self.gold[text]
        ]
        return Annotation(text, tuple(spans), {"kind": ()})


def test_gold_opinions_reproduce_the_gold_file() -> None:
    path = SAMPLE / "validation.xml"
    assert convert(path.read_bytes(), "xml", model=Gold(path)) == path.read_text("utf-8")


def test_model_without_polarities() -> None:
    document = "<Reviews><sentence><text>الغرفة</text></sentence></Reviews>"
    model = Words(target="ner", category="kind", aspect="kind")
    assert '<Opinion target="الغرفة" category="ROOMS#GENERAL" from="0" to="6"/>' in convert(
        document, "xml", model=model
    )


def test_model_with_categories_only_writes_null_targets() -> None:
    document = "<Reviews><sentence><text>الغرفة و السعر</text></sentence></Reviews>"
    output = convert(document, "xml", model=Words(category="kind"))
    for category in ("ROOMS#GENERAL", "FOOD#PRICES"):
        assert f'<Opinion target="NULL" category="{category}" from="0" to="0"/>' in output
    assert output.count("<Opinion ") == 2


def test_spans_without_a_category_are_left_out() -> None:
    document = "<Reviews><sentence><text>الغرفة</text></sentence></Reviews>"
    model = Words(target="ner", polarity="mood", aspect="other")
    assert "Opinion" not in convert(document, "xml", model=model)


@pytest.mark.parametrize(
    ("roles", "predicted"),
    [
        ({"target": "ner", "polarity": "mood"}, "polarity, target"),
        ({"target": "ner", "category": "kind", "polarity": "mood"}, "category, polarity, target"),
        ({"category": "kind", "polarity": "mood"}, "category, polarity"),
    ],
)
def test_model_without_categories_of_spans_is_rejected(
    roles: dict[str, str], predicted: str
) -> None:
    document = "<Reviews><sentence><text>الغرفة</text></sentence></Reviews>"
    error = conversion_error(document, "xml", model=Words(**roles))
    assert "<Opinion>" in error.rule
    assert f" {predicted}, " in str(error.found)
    assert "--output-format jsonl" in str(error.expected)
    assert convert(document, "xml", "jsonl", model=Words(**roles)).count("\n") == 1


def test_opinions_on_whole_reviews_are_rejected(write_semeval: Callable[..., Path]) -> None:
    path = write_semeval({"1": [TEXTS[1]], "2": TEXTS[1:]}, {"2": [("HOTEL#GENERAL", "positive")]})
    error = conversion_error(path.read_bytes(), "xml")
    assert "SB2" in str(error.found)
    assert error.line == 6
