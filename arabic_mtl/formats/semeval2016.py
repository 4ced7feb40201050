"""Reviews in the XML of SemEval-2016 Task 5."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from lxml import etree

from arabic_mtl.documents import NULL, Annotation, Example, Opinion, Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats.base import WrongFile
from arabic_mtl.formats.facts import Layers
from arabic_mtl.formats.opinions import Roles, opinions
from arabic_mtl.formats.reviews import ROOT, OpinionText, Review, Seen, read_review
from arabic_mtl.formats.writer import Model
from arabic_mtl.formats.xml_document import XmlDocument

_SPAN_LAYERS = ("polarity", "aspect", "entity", "category")


@dataclass(frozen=True, kw_only=True)
class SemEval2016(XmlDocument):
    """Reviews in the XML of SemEval-2016 Task 5, SB1 or SB2 (Pontiki et al., 2016).

    Layers: labels ``category`` (E#A), ``entity`` (E), ``polarity``; spans ``polarity`` and
    ``aspect`` (E#A), of each opinion, NULL targets too; ``entity`` and ``category`` (E#A), of
    named targets only, each once.

    It is annotated and written sentence by sentence, with ``<Opinions>``: target, category,
    polarity, and the target's offsets. A span without a category is left out. A model without
    polarities leaves them out.

    Args:
        unit: The text of one example: a ``sentence``; an ``opinion`` (the recipe's split per
            target: the sentence paired with the target, or with the category where the file
            gives no targets); or a whole ``review``.
    """

    schema: ClassVar[int] = 1
    root: ClassVar[str] = ROOT
    answers: ClassVar[tuple[str, ...]] = ("Opinions",)

    unit: Literal["sentence", "opinion", "review"] = "sentence"

    @property
    def layers(self) -> Layers:
        """The layers: an opinion has one polarity, and its target is its pair, not a span."""
        labels = frozenset({"category", "entity"})
        if self.unit == "opinion":
            return Layers(labels=labels | {"polarity"})
        return Layers(labels=labels, spans=frozenset(_SPAN_LAYERS))

    @property
    def pair_is(self) -> Literal["", "target"]:
        """The pair of an opinion is its target."""
        return "target" if self.unit == "opinion" else ""

    def examples(self, child: etree._Element, seen: Seen) -> Iterator[Example]:
        """Yields the sentences, opinions or reviews in a child of the root.

        Raises:
            InputError: If an annotation breaks a rule; names line and sentence.
        """
        for element in child.iter("Review"):
            for text, on_text in self._texts_of(read_review(element, seen), seen):
                if self.unit == "opinion":
                    yield from _pairs(text, on_text)
                else:
                    yield _annotate(text, on_text)

    def require_sentences(self, child: etree._Element) -> None:
        """Refuses SB2, whose opinions are on whole reviews.

        Raises:
            WrongFile: If there are such opinions.
        """
        if child.find("Opinions") is not None:
            raise WrongFile(
                "the sentences of a file are annotated, one by one",
                found=f"<Opinions> directly below <{child.tag!s}>, on the whole of it (SB2)",
                expected="opinions below <sentence> (SB1), or none; whole reviews as JSON lines",
                line=child.sourceline,
            )

    def require(self, model: Model) -> None:
        """Refuses a model whose targets have no categories.

        Raises:
            InputError: Naming what it finds.
        """
        roles = model.roles
        if "aspect" not in roles and [*roles] != ["category"]:
            found = ", ".join(sorted(roles)) or "nothing"
            raise InputError(
                "an <Opinion> has a category, and so has each span that the model finds",
                found=f"a model that tells {found}, and of no span its category",
                expected="--output-format jsonl; or a model whose sentiment is given categories",
            )

    def elements(self, annotation: Annotation, roles: Roles) -> list[etree._Element]:
        """Returns ``<Opinions>``, if it has children."""
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

    def _texts_of(self, review: Review, seen: Seen) -> Sequence[OpinionText]:
        if review.opinions and self.unit == "sentence":
            raise InputError(
                "opinions on whole reviews (SB2) are read review by review",
                found="unit: sentence, and <Opinions> directly below <Review>",
                expected="unit: review, or unit: opinion",
                line=review.line,
                sentence=review.id,
            )
        if review.sentences and (self.unit == "review" or review.opinions):
            seen.add("Review", review.id, review.line)
            return [_join(review)]
        return review.sentences


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _spans(opinions: Iterable[Opinion], label: str) -> tuple[Span, ...]:
    spans = (Span(o.start, o.end, getattr(o, label)) for o in opinions)
    return tuple(sorted(spans, key=lambda span: (span.start, span.end)))


def _annotate(example: Example, opinions: list[Opinion]) -> Example:
    named = [opinion for opinion in opinions if not opinion.is_null]
    return replace(
        example,
        labels={
            "category": _unique(o.category for o in opinions),
            "entity": _unique(o.entity for o in opinions),
        },
        spans={
            "polarity": _spans(opinions, "polarity"),
            "aspect": _spans(opinions, "category"),
            "entity": tuple(dict.fromkeys(_spans(named, "entity"))),
            "category": tuple(dict.fromkeys(_spans(named, "category"))),
        },
    )


def _pairs(example: Example, opinions: list[Opinion]) -> Iterator[Example]:
    """Yields one example per opinion target of a sentence, as in the recipe's step 3.

    A sentence without opinions stays as it is, unlabelled: it can only be predicted.
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
    """Returns one text of all sentences, a space between them, the targets' offsets moved along."""
    opinions, position = list(review.opinions), 0
    for sentence, own in review.sentences:
        opinions += [o if o.is_null else o.moved(position) for o in own]
        position += len(sentence.text) + 1
    text = " ".join(sentence.text for sentence, _ in review.sentences)
    example = Example(id=review.id, group=review.id, text=text, line=review.line)
    return OpinionText(example, opinions)
