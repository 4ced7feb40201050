"""Reviews in the XML of SemEval-2016 Task 5: opinions per sentence (SB1) or review (SB2)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

from lxml import etree

from arabic_mtl.corpora.base import Corpus
from arabic_mtl.corpora.opinion import NULL, Opinion, read_opinion, read_review_opinion
from arabic_mtl.corpora.xml import attribute, stream_elements
from arabic_mtl.errors import InputError
from arabic_mtl.example import Example, Span


@dataclass(frozen=True, kw_only=True)
class SemEval2016(Corpus):
    """Reviews in the XML of SemEval-2016 Task 5, SB1 or SB2 (Pontiki et al., 2016).

    Layers: labels ``category`` (E#A), ``entity`` (E), ``polarity``; spans ``polarity`` (each
    opinion, NULL targets too), ``entity`` and ``category`` (named targets only, each once).

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
        return frozenset(() if self.unit == "opinion" else ("polarity", "entity", "category"))

    def parse(self, path: Path) -> Iterator[Example]:
        """Streams a file, one review in memory at a time.

        Raises:
            InputError: If the XML or an annotation breaks a rule; names line and sentence.
        """
        seen: set[str] = set()
        try:
            for review in stream_elements(path, root="Reviews", tag="Review"):
                yield from self._examples(review, seen)
        except InputError as error:
            raise error.locate(path) from None

    def _examples(self, review: etree._Element, seen: set[str]) -> Iterator[Example]:
        rid = attribute(review, "rid")
        sentences = [_sentence(element, rid, seen) for element in review.iter("sentence")]
        of_review = [read_review_opinion(e, rid) for e in review.iterfind("Opinions/Opinion")]
        if of_review and self.unit == "sentence":
            raise InputError(
                "opinions on whole reviews (SB2) are read review by review",
                found="unit: sentence, and <Opinions> directly below <Review>",
                expected="unit: review, or unit: opinion",
                line=review.sourceline,
                sentence=rid,
            )
        if sentences and (self.unit == "review" or of_review):
            _check_new(rid, review, seen)
            sentences = [_join(sentences, of_review, review)]
        for example, opinions in sentences:
            if self.unit == "opinion":
                yield from _pairs(example, opinions)
            else:
                yield _annotate(example, opinions)


def _sentence(element: etree._Element, rid: str, seen: set[str]) -> tuple[Example, list[Opinion]]:
    name = attribute(element, "id")
    _check_new(name, element, seen)
    texts = element.findall("text")
    if len(texts) != 1 or len(texts[0]):
        raise InputError(
            "a sentence has one <text>, with nothing but text inside",
            found=f"{len(texts)} <text>" if len(texts) != 1 else f"<{texts[0][0].tag!s}> inside",
            expected="<text>…</text>",
            line=element.sourceline,
            sentence=name,
        )
    example = Example(id=name, group=rid, text=texts[0].text or "", line=element.sourceline)
    opinions = [read_opinion(e, example.text, name) for e in element.iterfind("Opinions/Opinion")]
    return example, opinions


def _check_new(name: str, element: etree._Element, seen: set[str]) -> None:
    key = f"{element.tag!s} {name}"
    if key in seen:
        raise InputError(
            f"each <{element.tag!s}> has an id of its own",
            found=f"a second one with id {name}",
            expected="ids that are unique in the file",
            line=element.sourceline,
            sentence=name if element.tag == "sentence" else None,
        )
    seen.add(key)


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


def _join(
    sentences: list[tuple[Example, list[Opinion]]],
    of_review: list[Opinion],
    review: etree._Element,
) -> tuple[Example, list[Opinion]]:
    """One text of all sentences, a space between them, the targets' offsets moved along."""
    opinions, position = list(of_review), 0
    for example, own in sentences:
        opinions += [o if o.is_null else o.moved(position) for o in own]
        position += len(example.text) + 1
    group = sentences[0][0].group
    text = " ".join(example.text for example, _ in sentences)
    return Example(id=group, group=group, text=text, line=review.sourceline), opinions
