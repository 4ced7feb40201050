"""Sentences with aspect terms and categories: the official form, and who can tell it."""

from __future__ import annotations

import pytest

from support.formats import WORDS, Words, converted, refusal

GIVEN = '<sentences>\n <sentence id="1">\n  <text>{}</text>\n </sentence>\n</sentences>'
TERM = '<aspectTerm term="{}" polarity="{}" from="{}" to="{}"/>'
CATEGORY = '<aspectCategory category="{}" polarity="{}"/>'


def annotated(text: str, **roles: str) -> list[str]:
    """The lines of a sentence, without the space before them."""
    written = converted(GIVEN.format(text), "xml", model=Words(**roles))
    return [line.strip() for line in written.splitlines()[3:-2]]


def test_terms_and_categories() -> None:
    text = "شكرا على الغرفة"
    assert annotated(text) == [
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
def test_a_category_has_the_polarity_of_its_terms(text: str, polarity: str) -> None:
    assert annotated(text)[-2] == CATEGORY.format("FOOD#PRICES", polarity)


def test_for_and_against_is_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WORDS, "العشاء", ("FOOD", "FOOD#PRICES", "positive"))
    assert annotated("العشاء و السعر")[-2] == CATEGORY.format("FOOD#PRICES", "conflict")


def test_nothing_is_said_of_other_sentences() -> None:
    assert annotated("لا شيء") == ["<text>لا شيء</text>"]


def test_a_model_of_targets_alone() -> None:
    assert annotated("العشاء", target="ner") == [
        "<text>العشاء</text>",
        "<aspectTerms>",
        '<aspectTerm term="العشاء" from="0" to="6"/>',
        "</aspectTerms>",
    ]


def test_a_model_of_categories_alone() -> None:
    assert annotated("العشاء و الغرفة", category="kind")[1:] == [
        "<aspectCategories>",
        '<aspectCategory category="FOOD#PRICES"/>',
        '<aspectCategory category="ROOMS#GENERAL"/>',
        "</aspectCategories>",
    ]


def test_a_model_of_neither_is_refused() -> None:
    error = refusal(GIVEN.format("العشاء"), "xml", model=Words(polarity="mood"))
    assert str(error.found).endswith(" polarity")
    assert "--output-format jsonl" in str(error.expected)
