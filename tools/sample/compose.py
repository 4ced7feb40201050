"""Composes one review sentence by sentence."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tools.sample.grammar import Adjective, Aspect, Grammar, Lines, Phrases
from tools.sample.noise import Style, Typist
from tools.sample.segments import Filler, Label, Mention, Segment, Sentence, join

_CLAUSE_SLOT = re.compile(r"\{([AN])\}")
_NOUN_SLOT = re.compile(r"\{(?:T|t|to)\}")

# How a guest feels overall: the chances of a positive, a negative and a neutral stance.
_MOODS = [(0.84, 0.04, 0.12), (0.10, 0.75, 0.15), (0.46, 0.32, 0.22)]
_MOOD_WEIGHTS = [47, 31, 22]
_KIND_WEIGHTS = {"adjectives": 44, "negated": 10, "clauses": 32, "dialect": 30, "implicit": 28}


class Composer:
    """Writes the sentences of one review.

    The reviewer keeps one stance per category and names no noun twice, so that a review never
    contradicts itself.
    """

    def __init__(self, grammar: Grammar, rng: random.Random, venue: str) -> None:
        """Draws the reviewer's style and stances.

        Args:
            grammar: The Arabic to draw from.
            rng: The only source of chance.
            venue: The kind of venue that is reviewed, ``hotel`` or ``restaurant``.
        """
        self._grammar, self._rng, self._venue = grammar, rng, venue
        self._style = Style.draw(rng)
        self._typist = Typist(self._style, grammar.habits, rng)
        self._fill = Filler(grammar.fillers, rng).fill
        self._aspects = [aspect for aspect in grammar.aspects if venue in aspect.venues]
        self._stances = self._draw_stances()
        self._named: set[str] = set()

    def sentence(self) -> Sentence:
        """Writes one sentence of a random build."""
        plans: dict[Callable[[], list[Segment]], int] = {
            self._statement: 17,
            self._single: 40,
            self._aside: 10,
            self._same: 11,
            self._contrast: 15,
            self._listing: 7,
        }
        plan = self._rng.choices(list(plans), list(plans.values()))[0]
        return self._finish(plan())

    def journey(self) -> Sentence:
        """Writes one very long sentence about a whole trip."""
        segments: list[Segment] = []
        for line in self._grammar.journey:
            segments += [*self._expand(line), Segment(" ")]
        return self._finish(segments[:-1])

    def _finish(self, segments: list[Segment]) -> Sentence:
        return join(self._typist.end([self._typist.type(segment) for segment in segments]))

    def _draw_stances(self) -> dict[str, str]:
        mood = self._rng.choices(_MOODS, _MOOD_WEIGHTS)[0]
        categories = dict.fromkeys(aspect.category for aspect in self._aspects)
        drawn = self._rng.choices(("positive", "negative", "neutral"), mood, k=len(categories))
        return dict(zip(categories, drawn, strict=True))

    def _statement(self) -> list[Segment]:
        return self._fill(self._rng.choice(self._local(self._grammar.statements)))

    def _single(self) -> list[Segment]:
        if self._rng.random() < 0.15:
            return [Segment(self._rng.choice(self._grammar.leads) + " "), *self._clause()]
        return self._clause()

    def _aside(self) -> list[Segment]:
        return self._expand(self._rng.choice(self._local(self._grammar.asides)))

    def _same(self) -> list[Segment]:
        template = self._rng.choice(self._grammar.joins["same"])
        stance = self._stances[self._pick(self._open()).category]
        return self._expand(template, [stance] * len(_CLAUSE_SLOT.findall(template)))

    def _contrast(self) -> list[Segment]:
        first, last = self._rng.sample(("positive", "negative"), 2)
        template = self._rng.choice(self._grammar.joins["contrast"])
        before = len(_CLAUSE_SLOT.findall(template)) - 1
        if len(self._open(first)) < before or not self._open(last):
            return self._single()
        return self._expand(template, [first] * before + [last])

    def _listing(self) -> list[Segment]:
        stance = self._stances[self._pick(self._open()).category]
        template = self._rng.choice(self._grammar.lists[stance])
        aspects = [aspect for aspect in self._open(stance) if aspect.listable]
        size = len(_NOUN_SLOT.findall(template))
        if len(aspects) < size:
            return self._single()
        mentions = [self._mention(aspect) for aspect in self._rng.sample(aspects, size)]
        return self._fill(template, mentions)

    def _local(self, choices: dict[str, Lines]) -> Lines:
        return choices["any"] + choices[self._venue]

    def _expand(self, template: str, stances: list[str] | None = None) -> list[Segment]:
        """Fills the clause slots of a template, each with its stance if any are given."""
        segments: list[Segment] = []
        position = 0
        for index, slot in enumerate(_CLAUSE_SLOT.finditer(template)):
            segments += self._fill(template[position : slot.start()])
            segments += self._clause(stances[index] if stances else None, nominal=slot[1] == "N")
            position = slot.end()
        return [*segments, *self._fill(template[position:])]

    def _clause(self, stance: str | None = None, *, nominal: bool = False) -> list[Segment]:
        aspect = self._pick(self._open(stance) or self._open())
        stance = self._stances[aspect.category]
        phrases = aspect.phrases[stance]
        template, adjectives = self._phrase(phrases, stance, nominal)
        if template in phrases.implicit:
            text = "".join(segment.text for segment in self._fill(template))
            return [Segment(text, self._label(aspect), implicit=True)]
        if nominal:
            # A subject after أن and its like stands in the accusative: أن الموظفين متعاونون.
            template = template.replace("{T}", "{t}")
        drawn = self._rng.sample(adjectives, min(2, len(adjectives)))
        return self._fill(template, [self._mention(aspect)], drawn)

    def _phrase(
        self, phrases: Phrases, stance: str, nominal: bool
    ) -> tuple[str, tuple[Adjective, ...]]:
        """Chooses a template and the adjectives that may fill it."""
        openings = ("{T}", "{t}") if nominal else ("",)
        kinds = {
            kind: fitting
            for kind, lines in self._templates(phrases, stance).items()
            if (fitting := [line for line in lines if line.startswith(openings)])
        }
        kind = self._rng.choices(list(kinds), [_KIND_WEIGHTS[kind] for kind in kinds])[0]
        adjectives = phrases.negated if kind == "negated" else phrases.adjectives
        return self._rng.choice(kinds[kind]), adjectives

    def _templates(self, phrases: Phrases, stance: str) -> dict[str, Lines]:
        predicates = self._grammar.predicates
        degree = "hedged" if stance == "neutral" else "intense"
        affirmed = predicates["affirmed"] + predicates[degree]
        return {
            "adjectives": affirmed if phrases.adjectives else (),
            "negated": predicates["negated"] if phrases.negated else (),
            "clauses": phrases.clauses,
            "dialect": phrases.dialect if self._style.dialect else (),
            "implicit": phrases.implicit,
        }

    def _open(self, stance: str | None = None) -> list[Aspect]:
        """Lists the aspects that hold a stance and have a noun left to name."""
        return [
            aspect
            for aspect in self._aspects
            if stance in (None, self._stances[aspect.category])
            and any(noun.nominative not in self._named for noun in aspect.nouns)
        ]

    def _pick(self, aspects: list[Aspect]) -> Aspect:
        # Drawn by category first: otherwise categories with many aspects would dominate.
        category = self._rng.choice(list(dict.fromkeys(aspect.category for aspect in aspects)))
        return self._rng.choice([aspect for aspect in aspects if aspect.category == category])

    def _mention(self, aspect: Aspect) -> Mention:
        fresh = [noun for noun in aspect.nouns if noun.nominative not in self._named]
        noun = self._rng.choice(fresh)
        self._named.add(noun.nominative)
        return Mention(noun, self._label(aspect))

    def _label(self, aspect: Aspect) -> Label:
        return Label(aspect.category, self._stances[aspect.category])
