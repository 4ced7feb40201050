"""Reviews in the XML of SemEval-2016 Task 5, SB1."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

from lxml import etree

from arabic_mtl.documents import NULL, Annotation, Example, Opinion, Span
from arabic_mtl.errors import InputError
from arabic_mtl.formats.corpus import Corpus
from arabic_mtl.formats.reviews import OpinionText, Review, read_reviews, require_new
from arabic_mtl.formats.schema import Roles, Schema, opinions

_SPAN_LAYERS = ("polarity", "aspect", "entity", "category")


@dataclass(frozen=True, kw_only=True)
class SemEval2016(Corpus):
    """Reviews in the XML of SemEval-2016 Task 5, SB1 or SB2 (Pontiki et al., 2016).

    Layers: labels ``category`` (E#A), ``entity`` (E), ``polarity``; spans ``polarity`` and
    ``aspect`` (E#A), of each opinion, NULL targets too; ``entity`` and ``category`` (E#A), of
    named targets only, each once.

    Args:
        unit: What one example is: a ``sentence``; an ``opinion`` (the recipe's split per target:
            the sentence paired with the target, or with the category where the file gives no
            targets); or a whole ``review``.
    """

    schema: ClassVar[int] = 1
    unit: Literal["sentence", "opinion", "review"] = "sentence"

    @property
    def label_layers(self) -> frozenset[str]:
        """Opinions have one polarity each; longer units only a set of categories."""
        texts = {"category", "entity"}
        return frozenset(texts | {"polarity"} if self.unit == "opinion" else texts)

    @property
    def span_layers(self) -> frozenset[str]:
        """Spans belong to texts; an opinion's target is its pair instead."""
        return frozenset(() if self.unit == "opinion" else _SPAN_LAYERS)

    @property
    def paired(self) -> bool:
        """Opinions are."""
        return self.unit == "opinion"

    def parse(self, path: Path) -> Iterator[Example]:
        """Streams a file, one review in memory at a time.

        Raises:
            InputError: If the XML or an annotation breaks a rule; names line and sentence.
        """
        for text, on_text in self.texts(path):
            if self.unit == "opinion":
                yield from _pairs(text, on_text)
            else:
                yield _annotate(text, on_text)

    def texts(self, path: Path) -> Iterator[OpinionText]:
        """Streams the sentences or reviews of a file, with opinions instead of layers.

        Raises:
            InputError: As `parse`.
        """
        seen: set[str] = set()
        for review in read_reviews(path):
            try:
                yield from self._texts_of(review, seen)
            except InputError as error:
                raise error.locate(path) from None

    def _texts_of(self, review: Review, seen: set[str]) -> list[OpinionText]:
        if review.opinions and self.unit == "sentence":
            raise InputError(
                "opinions on whole reviews (SB2) are read review by review",
                found="unit: sentence, and <Opinions> directly below <Review>",
                expected="unit: review, or unit: opinion",
                line=review.line,
                sentence=review.id,
            )
        if review.sentences and (self.unit == "review" or review.opinions):
            require_new("Review", review.id, seen, review.line)
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
    """The recipe's step 3: a sentence becomes one example per opinion target.

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
    """One text of all sentences, a space between them, the targets' offsets moved along."""
    opinions, position = list(review.opinions), 0
    for sentence, own in review.sentences:
        opinions += [o if o.is_null else o.moved(position) for o in own]
        position += len(sentence.text) + 1
    text = " ".join(sentence.text for sentence, _ in review.sentences)
    example = Example(id=review.id, group=review.id, text=text, line=review.line)
    return OpinionText(example, opinions)


class Reviews(Schema):
    """Sentences with ``<Opinions>``: target, category, polarity, and the target's place.

    An opinion has a category; what the model says of a span without one is left out. A model
    that tells no polarities leaves them out.
    """

    root: ClassVar[str] = "Reviews"
    answers: ClassVar[tuple[str, ...]] = ("Opinions",)

    def sentences(self, child: etree._Element) -> list[etree._Element]:
        """Those of a review; refuses SB2, whose opinions are on whole reviews."""
        if child.find("Opinions") is not None:
            raise InputError(
                "the sentences of a file are annotated, one by one",
                found=f"<Opinions> directly below <{child.tag!s}>, on the whole of it (SB2)",
                expected="opinions below <sentence> (SB1), or none; whole reviews as JSON lines",
                line=child.sourceline,
            )
        return super().sentences(child)

    def require(self, roles: Roles) -> None:
        """Refuses a model whose targets have no categories."""
        if "aspect" not in roles and [*roles] != ["category"]:
            told = ", ".join(sorted(roles)) or "nothing"
            raise InputError(
                "an <Opinion> has a category, and so has each span that the model finds",
                found=f"a model that tells {told}, and of no span its category",
                expected="--output-format jsonl; or a model whose sentiment is given categories",
            )

    def elements(self, annotation: Annotation, roles: Roles) -> list[etree._Element]:
        """``<Opinions>``, if there are any."""
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
                told = {name: value for name, value in attributes.items() if value}
                etree.SubElement(element, "Opinion", told)
        return [element] if len(element) else []
