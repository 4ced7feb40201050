"""The XML format of SemEval-2016 Task 5."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import ClassVar, Literal, TypeVar

from lxml import etree

from arabic_mtl.documents import NULL, Annotation, Example, Opinion, Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import WrongFile
from arabic_mtl.formats.facts import Guess, Layers
from arabic_mtl.formats.writer import Model
from arabic_mtl.formats.xml.opinions import Roles, opinions
from arabic_mtl.formats.xml.reviews import ROOT, OpinionText, Review, SeenIds, read_review
from arabic_mtl.formats.xml.xml_document import XmlDocument

_T = TypeVar("_T")

_SPAN_LAYERS = ("polarity", "aspect", "entity", "category")


@dataclass(frozen=True, kw_only=True)
class SemEval2016(XmlDocument):
    """Reviews in the XML of SemEval-2016 Task 5, SB1 or SB2 (Pontiki et al., 2016).

    The label layers of a text are ``category`` (E#A) and ``entity`` (E), with the unit
    ``opinion`` also ``polarity``. The span layers ``polarity`` and ``aspect`` (E#A) have one span
    per opinion, NULL targets included. The span layers ``entity`` and ``category`` (E#A) have
    only the targets that occur in the text, without duplicates.

    Files are annotated sentence by sentence. The output has ``<Opinions>`` with target,
    category, polarity and the target's offsets. Spans without a category are left out. Without a
    task for polarities the output has none.

    Args:
        unit: The text of an example: a ``sentence``; an ``opinion`` (a sentence paired with the
            target of one opinion, or with its category in files without targets); or a whole
            ``review``.
    """

    schema: ClassVar[int] = 1
    root: ClassVar[str] = ROOT
    annotation_elements: ClassVar[tuple[str, ...]] = ("Opinions",)

    unit: Literal["sentence", "opinion", "review"] = "sentence"

    @property
    def layers(self) -> Layers:
        """Returns the layers of the unit: an ``opinion`` has a polarity label and no spans."""
        labels = frozenset({"category", "entity"})
        if self.unit == "opinion":
            return Layers(labels=labels | {"polarity"})
        return Layers(labels=labels, spans=frozenset(_SPAN_LAYERS))

    @classmethod
    def sniff(cls, head: bytes, name: str) -> Guess | None:
        """Returns a guess for files with the format's root; for SB2, the unit is an opinion."""
        guess = super().sniff(head, name)
        if guess is None or not re.search(rb"</sentences>\s*<Opinions\b", head.replace(b"\0", b"")):
            return guess
        doubt = "opinions are on whole reviews, each read with its category; or `unit: review`"
        return Guess({"unit": "opinion"}, guess.certainty, [doubt])

    @property
    def pair_is(self) -> Literal["", "target"]:
        """Returns ``"target"`` for the unit ``opinion``, else ``""``."""
        return "target" if self.unit == "opinion" else ""

    def examples(self, child: etree._Element, seen: SeenIds) -> Iterator[Example]:
        """Yields the sentences, opinions or reviews in a child of the root.

        Raises:
            InputError: If an annotation breaks a rule; names the line and the sentence.
        """
        for element in child.iter("Review"):
            for text, text_opinions in self._texts(read_review(element, seen), seen):
                if self.unit == "opinion":
                    yield from _pairs(text, text_opinions)
                else:
                    yield _annotate(text, text_opinions)

    def require_sentences(self, child: etree._Element) -> None:
        """Checks that a child of the root has no opinions on a whole review (SB2).

        Raises:
            WrongFile: If the child has such opinions.
        """
        if child.find("Opinions") is not None:
            raise WrongFile(
                "a file to annotate must not have opinions on whole reviews",
                found=f"<Opinions> directly below <{child.tag!s}> (SB2)",
                expected="opinions below <sentence> (SB1), or none; whole reviews as JSON lines",
                line=child.sourceline,
            )

    def require(self, model: Model) -> None:
        """Checks that a model predicts a category for each span.

        Raises:
            InputError: If the model predicts spans without categories, or no categories at all.
        """
        roles = model.roles
        if "aspect" not in roles and [*roles] != ["category"]:
            found = ", ".join(sorted(roles)) or "nothing"
            raise InputError(
                "the model must predict a category for each span, which an <Opinion> must have",
                found=f"a model that predicts {found}, but no categories of spans",
                expected="--output-format jsonl; or a sentiment task with a category as condition",
            )

    def elements(self, annotation: Annotation, roles: Roles) -> list[etree._Element]:
        """Returns ``<Opinions>``, or nothing if there are no opinions with a category."""
        element = etree.Element("Opinions")
        for opinion in opinions(annotation, roles):
            if opinion.category:
                attributes = {
                    "target": opinion.target,
                    "category": opinion.category,
                    "polarity": opinion.polarity,
                    "from": str(opinion.start),
                    "to": str(opinion.end),
                }
                known = {name: value for name, value in attributes.items() if value}
                etree.SubElement(element, "Opinion", known)
        return [element] if len(element) else []

    def _texts(self, review: Review, seen: SeenIds) -> Sequence[OpinionText]:
        """Returns the sentences of a review, or the review as one text, depending on the unit."""
        if review.opinions and self.unit == "sentence":
            raise InputError(
                "opinions on whole reviews (SB2) must be read review by review",
                found="unit: sentence, and <Opinions> directly below <Review>",
                expected="unit: review, or unit: opinion",
                line=review.line,
                sentence=review.id,
            )
        if review.sentences and (self.unit == "review" or review.opinions):
            seen.add("Review", review.id, review.line)
            return [_join(review)]
        return review.sentences


def _unique(items: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(items))


def _annotate(example: Example, opinions: list[Opinion]) -> Example:
    """Returns the example with the layers that its opinions define."""
    ordered = sorted(opinions, key=attrgetter("start", "end"))
    aspects = [Span(o.start, o.end, o.category) for o in ordered]
    entities = [Span(o.start, o.end, o.entity) for o in ordered]
    return Example(
        id=example.id,
        group=example.group,
        text=example.text,
        labels={
            "category": _unique([o.category for o in opinions]),
            "entity": _unique([o.entity for o in opinions]),
        },
        spans={
            "polarity": tuple([Span(o.start, o.end, o.polarity) for o in ordered]),
            "aspect": tuple(aspects),
            "entity": _unique([span for span in entities if span.start < span.end]),
            "category": _unique([span for span in aspects if span.start < span.end]),
        },
        line=example.line,
    )


def _pairs(example: Example, opinions: list[Opinion]) -> Iterator[Example]:
    """Yields one example per opinion: the sentence paired with the opinion's target.

    A sentence without opinions is yielded unchanged. It has no labels to train on, but can be
    annotated.
    """
    if not opinions:
        yield example
    for number, opinion in enumerate(opinions):
        yield replace(
            example,
            id=f"{example.id}/{number}",
            pair=None if opinion.target == NULL else opinion.target,
            labels={
                "category": (opinion.category,),
                "entity": (opinion.entity,),
                "polarity": (opinion.polarity,),
            },
        )


def _join(review: Review) -> OpinionText:
    """Joins the sentences of a review with spaces, and shifts the offsets of their opinions."""
    opinions, position = list(review.opinions), 0
    for sentence, sentence_opinions in review.sentences:
        opinions += [o if o.is_null else o.shift(position) for o in sentence_opinions]
        position += len(sentence.text) + 1
    text = " ".join(sentence.text for sentence, _ in review.sentences)
    example = Example(id=review.id, group=review.id, text=text, line=review.line)
    return OpinionText(example, opinions)
