"""The ``<Opinion>`` elements of the SemEval formats, read and checked."""

from lxml import etree

from arabic_mtl.corpora.xml import attribute
from arabic_mtl.errors import InputError
from arabic_mtl.opinion import NULL, Opinion

_DIGITS = 9  # of a position, at most


def read_review_opinion(element: etree._Element, review: str, *, with_polarity: bool) -> Opinion:
    """SB2: towards an aspect of the review's subject, which stands in for a target.

    Args:
        element: The ``<Opinion>``.
        review: The id of the review.
        with_polarity: Whether it must have a polarity.

    Raises:
        InputError: If an attribute is missing.
    """
    category = attribute(element, "category", sentence=review)
    return Opinion(category, category, _polarity(element, review, with_polarity), 0, 0)


def read_opinion(
    element: etree._Element, text: str, sentence: str, *, with_polarity: bool
) -> Opinion:
    """SB1: towards a piece of a sentence's text, or NULL.

    Args:
        element: The ``<Opinion>``.
        text: What its offsets count the characters of.
        sentence: The id of the sentence.
        with_polarity: Whether it must have a polarity.

    Raises:
        InputError: If an attribute is missing or the offsets do not enclose the target.
    """
    category = attribute(element, "category", sentence=sentence)
    polarity = _polarity(element, sentence, with_polarity)
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


def _polarity(element: etree._Element, sentence: str, required: bool) -> str:
    if not required and "polarity" not in element.attrib:
        return ""
    return attribute(element, "polarity", sentence=sentence)


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
