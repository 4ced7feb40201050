"""Readers of the reviews, sentences and opinions in the XML of SemEval-2016 Task 5."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from arabic_mtl.documents import NULL, Example, Opinion
from arabic_mtl.errors import InputError
from arabic_mtl.formats.xml.xml_stream import read_text, require_attribute, stream_document

ROOT = "Reviews"
"""The name of the root element."""

_CHILDREN: Mapping[str, Collection[str]] = {
    "Review": ("sentences", "Opinions"),
    "sentences": ("sentence",),
    "sentence": ("text", "Opinions"),
    "Opinions": ("Opinion",),
}
"""Name of an element that can contain annotations to the names of its children."""

_ATTRIBUTES = frozenset(("target", "category", "polarity", "from", "to"))
"""The attributes of an ``<Opinion>``."""

_DIGITS = 9  # the largest number of digits of an offset


def read_review_opinion(element: etree._Element, review: str, *, with_polarity: bool) -> Opinion:
    """Reads an opinion on a whole review (SB2); its category is also used as its target.

    Args:
        element: The ``<Opinion>``.
        review: The id of the review.
        with_polarity: True if the opinion must have a polarity.

    Raises:
        InputError: If an attribute is missing, or a label is empty.
    """
    category = _label(element, "category", review)
    return Opinion(category, category, _polarity(element, review, with_polarity), 0, 0)


def read_opinion(
    element: etree._Element, text: str, sentence: str, *, with_polarity: bool
) -> Opinion:
    """Reads an opinion on a target in a sentence, or on a NULL target (SB1).

    Args:
        element: The ``<Opinion>``.
        text: The text of the sentence, in which the offsets count characters.
        sentence: The id of the sentence.
        with_polarity: True if the opinion must have a polarity.

    Raises:
        InputError: If an attribute is missing, a label is empty, or the offsets do not enclose the
            target.
    """
    category = _label(element, "category", sentence)
    polarity = _polarity(element, sentence, with_polarity)
    target = require_attribute(element, "target", sentence=sentence)
    start, end = (_offset(element, name, sentence) for name in ("from", "to"))
    if target == NULL and start == end == 0:
        return Opinion(NULL, category, polarity, 0, 0)
    if not 0 <= start < end <= len(text) or text[start:end] != target:
        raise InputError(
            "an opinion's `from` and `to` must enclose its target in the sentence's text",
            found=f"«{text[max(start, 0) : max(end, 0)]}» at from={start} to={end}",
            expected=f"target «{target}»" + _hint(text, target),
            line=element.sourceline,
            sentence=sentence,
        )
    return Opinion(target, category, polarity, start, end)


def _polarity(element: etree._Element, sentence: str, required: bool) -> str:
    if not required:
        return str(element.get("polarity", ""))
    return _label(element, "polarity", sentence)


def _label(element: etree._Element, name: str, sentence: str) -> str:
    value = require_attribute(element, name, sentence=sentence)
    if not value.strip():
        raise InputError(
            f"an opinion's `{name}` must be a label",
            found=f'{name}="{value}"',
            expected="a label; a sentence without opinions has no <Opinion>",
            line=element.sourceline,
            sentence=sentence,
        )
    return value


def _offset(element: etree._Element, name: str, sentence: str) -> int:
    value = require_attribute(element, name, sentence=sentence)
    if not value.isdecimal() or len(value) > _DIGITS:
        raise InputError(
            f"an opinion's `{name}` must be a character offset",
            found=f'{name}="{value[:40]}"',
            expected="a whole number, 0 or more",
            line=element.sourceline,
            sentence=sentence,
        )
    return int(value)


def _hint(text: str, target: str) -> str:
    """Returns the offsets of the target's first occurrence, to be added to an error message."""
    if target == NULL:
        return "; without a target, from=0 to=0"
    start = text.find(target) if target else -1
    return "" if start < 0 else f", which is at from={start} to={start + len(target)}"


class OpinionText(NamedTuple):
    """A text without annotation layers, and the opinions on it in the order of the file."""

    text: Example
    opinions: list[Opinion]


class Review(NamedTuple):
    """A review with its sentences and opinions.

    Args:
        id: The attribute ``rid``.
        line: The line number where the review starts, from 1.
        sentences: The sentences, each with its opinions (SB1).
        opinions: The opinions on the whole review, directly below ``<Review>`` (SB2).
    """

    id: str
    line: int | None
    sentences: list[OpinionText]
    opinions: list[Opinion]


class SeenIds:
    """The ids that were read from a file so far, by element name."""

    def __init__(self) -> None:
        self._ids: set[tuple[str, str]] = set()

    def add(self, tag: str, name: str, line: int | None) -> None:
        """Adds the id of an element.

        Args:
            tag: The name of the element.
            name: The id.
            line: The line number of the element, for the error message.

        Raises:
            InputError: If another element of that name has the same id.
        """
        if (tag, name) in self._ids:
            raise InputError(
                f"each <{tag}> must have an id that is unique in the file",
                found=f"a second <{tag}> with id {name}",
                expected="a different id for each",
                line=line,
                sentence=name if tag == "sentence" else None,
            )
        self._ids.add((tag, name))


def read_reviews(path: Path, *, with_polarity: bool = True) -> Iterator[Review]:
    """Streams the reviews of a file, with one review in memory at a time.

    Args:
        path: The file.
        with_polarity: True if every opinion must have a polarity, as gold opinions do.

    Raises:
        InputError: If the XML or an annotation breaks a rule; names the line and the sentence.
    """
    seen = SeenIds()
    try:
        with path.open("rb") as file:
            for child in islice(stream_document(file, ROOT), 1, None):
                for element in child.iter("Review"):
                    yield read_review(element, seen, with_polarity=with_polarity)
    except InputError as error:
        raise error.locate(path) from None


def read_review(element: etree._Element, seen: SeenIds, *, with_polarity: bool = True) -> Review:
    """Reads a ``<Review>``.

    Args:
        element: The element.
        seen: The ids of earlier sentences, to which the ids of this review are added.
        with_polarity: True if every opinion must have a polarity.

    Raises:
        InputError: If the review breaks a rule; names the line and the sentence.
    """
    rid = require_attribute(element, "rid")
    _require_known(element, rid)
    sentences = [_sentence(e, rid, seen, with_polarity) for e in element.iter("sentence")]
    opinions = [
        read_review_opinion(e, rid, with_polarity=with_polarity)
        for e in element.iterfind("Opinions/Opinion")
    ]
    return Review(rid, element.sourceline, sentences, opinions)


def _require_known(review: etree._Element, rid: str) -> None:
    """Raises `InputError` for unknown elements or attributes where annotations can be."""
    for parent in review.iter("Review", "sentences", "sentence", "Opinions"):
        name = parent.get("id") or rid
        for child in parent:
            if child.tag not in _CHILDREN[str(parent.tag)]:
                raise _unknown(child, f"<{child.tag!s}>", _CHILDREN[str(parent.tag)], name)
            if child.tag == "Opinion" and not _ATTRIBUTES.issuperset(child.keys()):
                other = min(set(map(str, child.keys())) - _ATTRIBUTES)
                raise _unknown(child, f"attribute {other}", _ATTRIBUTES, name)


def _unknown(element: etree._Element, found: str, known: Collection[str], name: str) -> InputError:
    """Returns the error for an element or attribute that the format does not know."""
    parent = element.getparent() if found.startswith("<") else element
    return InputError(
        f"<{'' if parent is None else parent.tag!s}> must contain only what the format knows",
        found=found,
        expected=f"{', '.join(sorted(known))}, in these upper and lower case letters",
        line=element.sourceline,
        sentence=name,
    )


def _sentence(element: etree._Element, rid: str, seen: SeenIds, with_polarity: bool) -> OpinionText:
    name = require_attribute(element, "id")
    seen.add("sentence", name, element.sourceline)
    example = Example(id=name, group=rid, text=read_text(element, name), line=element.sourceline)
    opinions = [
        read_opinion(e, example.text, name, with_polarity=with_polarity)
        for e in element.iterfind("Opinions/Opinion")
    ]
    return OpinionText(example, opinions)
