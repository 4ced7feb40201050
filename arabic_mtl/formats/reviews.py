"""The reviews, sentences and opinions of SemEval-2016's XML."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from arabic_mtl.documents import NULL, Example, Opinion
from arabic_mtl.errors import InputError
from arabic_mtl.formats.xml_stream import attribute, stream_document, text_of

ROOT = "Reviews"
"""The name of the element that holds all others."""

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


class OpinionText(NamedTuple):
    """A text without layers, and the opinions on it in the order of the file."""

    text: Example
    opinions: list[Opinion]


class Review(NamedTuple):
    """A review, as it stands in the file.

    Args:
        id: Its ``rid``.
        line: The line of the file it starts on.
        sentences: With the opinions that stand in them (SB1).
        opinions: Those that stand below the review itself (SB2).
    """

    id: str
    line: int | None
    sentences: list[OpinionText]
    opinions: list[Opinion]


class Seen:
    """The ids of a file, by the name of their elements."""

    def __init__(self) -> None:
        self._ids: set[tuple[str, str]] = set()

    def add(self, tag: str, name: str, line: int | None) -> None:
        """Adds an id.

        Raises:
            InputError: If another element of that name has it.
        """
        if (tag, name) in self._ids:
            raise InputError(
                f"each <{tag}> has an id of its own",
                found=f"a second one with id {name}",
                expected="ids that are unique in the file",
                line=line,
                sentence=name if tag == "sentence" else None,
            )
        self._ids.add((tag, name))


def read_reviews(path: Path, *, with_polarity: bool = True) -> Iterator[Review]:
    """Streams a file, one review in memory at a time.

    Args:
        path: The file.
        with_polarity: Whether every opinion must have a polarity, as gold ones do.

    Raises:
        InputError: If the XML or an annotation breaks a rule; names line and sentence.
    """
    seen = Seen()
    try:
        with path.open("rb") as file:
            for child in islice(stream_document(file, ROOT), 1, None):
                for element in child.iter("Review"):
                    yield read_review(element, seen, with_polarity=with_polarity)
    except InputError as error:
        raise error.locate(path) from None


def read_review(element: etree._Element, seen: Seen, *, with_polarity: bool = True) -> Review:
    """Reads a ``<Review>``.

    Args:
        element: The review.
        seen: The ids of sentences before it, to which its own are added.
        with_polarity: Whether every opinion must have a polarity.

    Raises:
        InputError: If it breaks a rule; names line and sentence.
    """
    rid = attribute(element, "rid")
    sentences = [_sentence(e, rid, seen, with_polarity) for e in element.iter("sentence")]
    opinions = [
        read_review_opinion(e, rid, with_polarity=with_polarity)
        for e in element.iterfind("Opinions/Opinion")
    ]
    return Review(rid, element.sourceline, sentences, opinions)


def _sentence(element: etree._Element, rid: str, seen: Seen, with_polarity: bool) -> OpinionText:
    name = attribute(element, "id")
    seen.add("sentence", name, element.sourceline)
    example = Example(id=name, group=rid, text=text_of(element, name), line=element.sourceline)
    opinions = [
        read_opinion(e, example.text, name, with_polarity=with_polarity)
        for e in element.iterfind("Opinions/Opinion")
    ]
    return OpinionText(example, opinions)
