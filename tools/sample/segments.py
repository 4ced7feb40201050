"""Text segments with their opinions; the offsets result from joining them, never from search."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tools.sample.grammar import Adjective, Agreement, Noun

_TOKEN = re.compile(r"\{(\w+)\}|\(([^()]*)\)")


@dataclass(frozen=True)
class Label:
    """The category and the polarity of an opinion."""

    category: str
    polarity: str


@dataclass(frozen=True)
class Segment:
    """A segment of text; a label makes it a target or, if implicit, an opinion on NULL."""

    text: str
    label: Label | None = None
    implicit: bool = False


@dataclass(frozen=True)
class Mention:
    """A noun to insert into a template, with the opinion on it."""

    noun: Noun
    label: Label


@dataclass(frozen=True)
class SampleOpinion:
    """One annotation: ``text[start:end]`` is the target; both offsets are 0 for NULL."""

    target: str
    label: Label
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """A finished sentence with its annotations in reading order."""

    text: str
    opinions: tuple[SampleOpinion, ...]


def join(segments: Iterable[Segment]) -> Sentence:
    """Concatenates segments and computes the offsets of the opinions.

    Args:
        segments: The sentence in reading order, spaces and punctuation included.

    Returns:
        The text with one opinion per labelled segment.
    """
    text = ""
    opinions = []
    for segment in segments:
        end = len(text) + len(segment.text)
        if segment.label and segment.implicit:
            opinions.append(SampleOpinion("NULL", segment.label, 0, 0))
        elif segment.label:
            opinions.append(SampleOpinion(segment.text, segment.label, len(text), end))
        text += segment.text
    return Sentence(text, tuple(opinions))


@dataclass(frozen=True)
class Filler:
    """Fills the templates of the grammar."""

    words: Mapping[str, Sequence[str]]
    rng: random.Random

    def fill(
        self, template: str, mentions: Sequence[Mention] = (), adjectives: Sequence[Adjective] = ()
    ) -> list[Segment]:
        """Replaces every slot of a template, taking mentions and adjectives in order.

        Args:
            template: A line of the grammar.
            mentions: The nouns to name; the first one governs the agreement.
            adjectives: The adjectives to inflect.

        Returns:
            Segments in reading order, one for each noun and for each stretch between them.
        """
        agreement = mentions[0].noun.agreement if mentions else Agreement.MASCULINE
        nouns, predicates = iter(mentions), iter(adjectives)
        segments, position = [], 0
        for token in _TOKEN.finditer(template):
            segments.append(Segment(template[position : token.start()]))
            position = token.end()
            slot, forms = token.groups()
            if slot in ("T", "t", "to"):
                segments.extend(_name(next(nouns), slot))
            elif slot in ("adj", "acc", "gen"):
                segments.append(Segment(next(predicates).inflect(slot, agreement)))
            elif slot:
                segments.append(Segment(self.rng.choice(self.words[slot])))
            else:
                segments.append(Segment(forms.split("|")[agreement]))
        return [*segments, Segment(template[position:])]


def _name(mention: Mention, slot: str) -> Iterator[Segment]:
    noun, label = mention.noun, mention.label
    if slot == "to" and noun.oblique.startswith("ال"):
        # ل absorbs the alif of the article (للغرفة); the target begins after both.
        bare = noun.oblique[2:].lstrip("ـ ")
        yield Segment("لل" + noun.oblique[2 : -len(bare)])
        yield Segment(bare, label)
    else:
        yield Segment("ل" if slot == "to" else "")
        yield Segment(noun.nominative if slot == "T" else noun.oblique, label)
