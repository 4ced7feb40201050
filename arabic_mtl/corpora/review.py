"""The ``<Review>`` elements of SemEval-2016 Task 5, read and checked."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from arabic_mtl.corpora.opinion import read_opinion, read_review_opinion
from arabic_mtl.corpora.xml import attribute, stream_elements, text_of
from arabic_mtl.errors import InputError
from arabic_mtl.example import Example
from arabic_mtl.opinion import Opinion


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


def read_reviews(path: Path, *, with_polarity: bool = True) -> Iterator[Review]:
    """Streams a file, one review in memory at a time.

    Args:
        path: The file.
        with_polarity: Whether every opinion must have a polarity, as gold ones do.

    Raises:
        InputError: If the XML or an annotation breaks a rule; names line and sentence.
    """
    seen: set[str] = set()
    try:
        for element in stream_elements(path, root="Reviews", tag="Review"):
            yield _review(element, seen, with_polarity)
    except InputError as error:
        raise error.locate(path) from None


def require_new(kind: str, name: str, seen: set[str], line: int | None) -> None:
    """Refuses an id that stood in the file before.

    Raises:
        InputError: If it is among those seen, to which it is added.
    """
    if name in seen:
        raise InputError(
            f"each <{kind}> has an id of its own",
            found=f"a second one with id {name}",
            expected="ids that are unique in the file",
            line=line,
            sentence=name if kind == "sentence" else None,
        )
    seen.add(name)


def _review(element: etree._Element, seen: set[str], with_polarity: bool) -> Review:
    rid = attribute(element, "rid")
    sentences = [_sentence(e, rid, seen, with_polarity) for e in element.iter("sentence")]
    opinions = [
        read_review_opinion(e, rid, with_polarity=with_polarity)
        for e in element.iterfind("Opinions/Opinion")
    ]
    return Review(rid, element.sourceline, sentences, opinions)


def _sentence(
    element: etree._Element, rid: str, seen: set[str], with_polarity: bool
) -> OpinionText:
    name = attribute(element, "id")
    require_new("sentence", name, seen, element.sourceline)
    example = Example(id=name, group=rid, text=text_of(element, name), line=element.sourceline)
    opinions = [
        read_opinion(e, example.text, name, with_polarity=with_polarity)
        for e in element.iterfind("Opinions/Opinion")
    ]
    return OpinionText(example, opinions)
