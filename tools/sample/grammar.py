"""The grammar of the sample corpus, read from ``lexicon.yaml`` and ``frames.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any, TypeAlias

import yaml

POLARITIES = ("positive", "negative", "neutral")

Lines: TypeAlias = tuple[str, ...]


class Agreement(IntEnum):
    """The agreement of a predicate; the value is the index of the form among its written forms."""

    MASCULINE = 0
    FEMININE = 1  # also every plural of things: الأسعار مرتفعة
    PEOPLE = 2


@dataclass(frozen=True)
class Noun:
    """Something a review comments on, in its two written case forms."""

    nominative: str
    oblique: str
    agreement: Agreement


@dataclass(frozen=True)
class Adjective:
    """An indefinite adjective, indexed by agreement in the nominative."""

    forms: tuple[str, str, str]

    @classmethod
    def parse(cls, spec: str) -> Adjective:
        """Reads ``masculine[/feminine[/plural]]`` and derives the regular forms left out."""
        masculine, *irregular = spec.split("/")
        # A final hamza moves onto a seat before an ending: بطيء, بطيئة.
        stem = masculine[:-1] + "ئ" if masculine.endswith("يء") else masculine
        feminine, plural = [*irregular, *[stem + "ة", stem + "ون"][len(irregular) :]]
        return cls((masculine, feminine, plural))

    def inflect(self, case: str, agreement: Agreement) -> str:
        """Returns the form for a case (``adj``, ``acc`` or ``gen``) and an agreement."""
        form = self.forms[agreement]
        if agreement is Agreement.PEOPLE and case != "adj" and form.endswith("ون"):
            return form.removesuffix("ون") + "ين"
        if agreement is Agreement.MASCULINE and case == "acc":
            # The feminine shows the full stem, also of defectives: كافٍ, كافية, كافياً.
            return self.forms[Agreement.FEMININE].removesuffix("ة") + "اً"
        return form


@dataclass(frozen=True)
class Phrases:
    """The ways to express one polarity."""

    adjectives: tuple[Adjective, ...] = ()
    negated: tuple[Adjective, ...] = ()
    clauses: Lines = ()
    dialect: Lines = ()
    implicit: Lines = ()

    @classmethod
    def parse(cls, entry: dict[str, str]) -> Phrases:
        """Reads one polarity of a lexicon entry."""
        return cls(
            adjectives=_adjectives(entry.get("adjectives", "")),
            negated=_adjectives(entry.get("negated", "")),
            clauses=_lines(entry.get("clauses", "")),
            dialect=_lines(entry.get("dialect", "")),
            implicit=_lines(entry.get("implicit", "")),
        )

    def __add__(self, other: Phrases) -> Phrases:
        """Joins two stocks of phrases."""
        return Phrases(
            self.adjectives + other.adjectives,
            self.negated + other.negated,
            self.clauses + other.clauses,
            self.dialect + other.dialect,
            self.implicit + other.implicit,
        )


@dataclass(frozen=True)
class Aspect:
    """Nouns of one category with the phrases that suit every one of them."""

    category: str
    venues: Lines
    nouns: tuple[Noun, ...]
    phrases: dict[str, Phrases]
    listable: bool  # whether bare praise, without a fitting adjective, still implies the category


@dataclass(frozen=True)
class Habits:
    """Word tables for the ways in which reviewers decorate their text."""

    vocalised: dict[str, str]
    elongated: frozenset[str]
    emoji: dict[str, list[str]]


@dataclass(frozen=True)
class Grammar:
    """Everything the generator draws from; see the comments in the two YAML files."""

    aspects: tuple[Aspect, ...]
    predicates: dict[str, Lines]
    joins: dict[str, Lines]
    lists: dict[str, Lines]
    asides: dict[str, Lines]
    statements: dict[str, Lines]
    leads: Lines
    journey: Lines
    fillers: dict[str, list[str]]
    habits: Habits


def load() -> Grammar:
    """Reads the grammar of the two YAML files."""
    lexicon, frames = _read("lexicon.yaml"), _read("frames.yaml")
    families = ("predicates", "joins", "lists", "asides", "statements")
    habits = frames["habits"]
    return Grammar(
        aspects=tuple(_aspect(entry, lexicon["shared"]) for entry in lexicon["aspects"]),
        **{name: {key: _lines(text) for key, text in frames[name].items()} for name in families},
        leads=_lines(frames["leads"]),
        journey=_lines(frames["journey"]),
        fillers=frames["fillers"],
        habits=Habits(habits["vocalised"], frozenset(habits["elongated"].split()), habits["emoji"]),
    )


def _read(name: str) -> dict[str, Any]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def _aspect(entry: dict[str, Any], shared: dict[str, Any]) -> Aspect:
    borrowed = [shared[name] for name in entry.get("borrows", "").split()]
    return Aspect(
        category=entry["category"],
        venues=tuple(entry["venues"].split()),
        nouns=tuple(
            _noun(spec, Agreement[gender.upper()])
            for gender, specs in entry["targets"].items()
            for spec in specs.split("، ")
        ),
        phrases={
            polarity: reduce(add, (Phrases.parse(part[polarity]) for part in [entry, *borrowed]))
            for polarity in POLARITIES
        },
        listable=bool(borrowed),
    )


def _noun(spec: str, agreement: Agreement) -> Noun:
    nominative, _, oblique = spec.partition("/")
    return Noun(nominative, oblique or nominative, agreement)


def _adjectives(specs: str) -> tuple[Adjective, ...]:
    return tuple(map(Adjective.parse, specs.split()))


def _lines(block: str) -> Lines:
    return tuple(block.strip().splitlines())
