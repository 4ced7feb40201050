"""SemEval-2014 output: its form, and the models that it can be written with."""

from __future__ import annotations

import pytest

from support.formats import WORDS, Words, conversion_error, convert

DOCUMENT = '<sentences>\n <sentence id="1">\n  <text>{}</text>\n </sentence>\n</sentences>'
TERM = '<aspectTerm term="{}" polarity="{}" from="{}" to="{}"/>'
CATEGORY = '<aspectCategory category="{}" polarity="{}"/>'


def annotate(text: str, **roles: str) -> list[str]:
    """Returns the lines of an annotated sentence, without indentation."""
    output = convert(DOCUMENT.format(text), "xml", model=Words(**roles))
    return [line.strip() for line in output.splitlines()[3:-2]]


def test_output_has_terms_and_categories() -> None:
    text = "شكرا على الغرفة"
    assert annotate(text) == [
        f"<text>{text}</text>",
        "<aspectTerms>",
        TERM.format("الغرفة", "positive", 9, 15),
        "</aspectTerms>",
        "<aspectCategories>",
        CATEGORY.format("HOTEL#GENERAL", "positive"),
        CATEGORY.format("ROOMS#GENERAL", "positive"),
        "</aspectCategories>",
    ]


@pytest.mark.parametrize(
    ("text", "polarity"),
    [("العشاء", "neutral"), ("السعر", "negative"), ("العشاء و السعر", "negative")],
)
def test_category_has_the_polarity_of_its_terms(text: str, polarity: str) -> None:
    assert annotate(text)[-2] == CATEGORY.format("FOOD#PRICES", polarity)


def test_positive_and_negative_terms_give_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WORDS, "العشاء", ("FOOD", "FOOD#PRICES", "positive"))
    assert annotate("العشاء و السعر")[-2] == CATEGORY.format("FOOD#PRICES", "conflict")


def test_sentences_without_opinions_are_unchanged() -> None:
    assert annotate("لا شيء") == ["<text>لا شيء</text>"]


def test_model_with_targets_only() -> None:
    assert annotate("العشاء", target="ner") == [
        "<text>العشاء</text>",
        "<aspectTerms>",
        '<aspectTerm term="العشاء" from="0" to="6"/>',
        "</aspectTerms>",
    ]


def test_model_with_categories_only() -> None:
    assert annotate("العشاء و الغرفة", category="kind")[1:] == [
        "<aspectCategories>",
        '<aspectCategory category="FOOD#PRICES"/>',
        '<aspectCategory category="ROOMS#GENERAL"/>',
        "</aspectCategories>",
    ]


def test_model_without_targets_and_categories_is_rejected() -> None:
    error = conversion_error(DOCUMENT.format("العشاء"), "xml", model=Words(polarity="mood"))
    assert str(error.found).endswith(" polarity")
    assert "--output-format jsonl" in str(error.expected)
