"""The ``<Opinion>`` elements of the SemEval formats, read and checked."""

from dataclasses import dataclass, replace
from typing import Self

from lxml import etree

from arabic_mtl.corpora.xml import attribute
from arabic_mtl.errors import InputError

NULL = "NULL"
"""How the format writes the target of an opinion that names none."""

_DIGITS = 9  # of a position, at most


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is said of a target or an aspect.

    Args:
        target: The words that it is about, or `NULL`.
        category: The aspect, as E#A (entity and attribute).
        polarity: The sentiment.
        start: The target's first character in its text.
        end: One past its last; without a target in the text, ``start == end == 0``.
    """

    target: str
    category: str
    polarity: str
    start: int
    end: int

    @property
    def is_null(self) -> bool:
        """Whether no piece of the text is its target."""
        return self.start == self.end

    @property
    def entity(self) -> str:
        """The E of the category E#A."""
        return self.category.split("#")[0]

    def moved(self, by: int) -> Self:
        """The same opinion in a text that has so many characters more before it."""
        return replace(self, start=self.start + by, end=self.end + by)


def read_review_opinion(element: etree._Element, review: str) -> Opinion:
    """SB2: towards an aspect of the review's subject, which stands in for a target.

    Raises:
        InputError: If an attribute is missing.
    """
    category = attribute(element, "category", sentence=review)
    return Opinion(category, category, attribute(element, "polarity", sentence=review), 0, 0)


def read_opinion(element: etree._Element, text: str, sentence: str) -> Opinion:
    """SB1: towards a piece of a sentence's text, or NULL.

    Raises:
        InputError: If an attribute is missing or the offsets do not enclose the target.
    """
    category = attribute(element, "category", sentence=sentence)
    polarity = attribute(element, "polarity", sentence=sentence)
    target = attribute(element, "target", sentence=sentence)
    start, end = (_offset(element, name, sentence) for name in ("from", "to"))
    if target == NULL and start == end == 0:
        return Opinion(NULL, category, polarity, 0, 0)
    if not 0 <= start < end <= len(text) or text[start:end] != target:
        raise InputError(
            "an opinion's `from` and `to` enclose its target in the sentence's text",
            found=f"«{text[max(start, 0) : max(end, 0)]}» at from={start} to={end}",
            expected=f"target «{target}»" + _hint(text, target),
            line=element.sourceline,
            sentence=sentence,
        )
    return Opinion(target, category, polarity, start, end)


def _offset(element: etree._Element, name: str, sentence: str) -> int:
    value = attribute(element, name, sentence=sentence)
    if not value.isdecimal() or len(value) > _DIGITS:
        raise InputError(
            f"an opinion's `{name}` is a character position",
            found=f'{name}="{value[:40]}"',
            expected="a whole number from 0",
            line=element.sourceline,
            sentence=sentence,
        )
    return int(value)


def _hint(text: str, target: str) -> str:
    if target == NULL:
        return "; without a target, from=0 to=0"
    start = text.find(target) if target else -1
    return "" if start < 0 else f", which stands at from={start} to={start + len(target)}"
