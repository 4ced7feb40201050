"""Cleaning as a normalizer inside the tokenizer, so that offsets keep counting raw characters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Self

from tokenizers import Regex, Tokenizer, normalizers

from arabic_mtl.errors import InputError
from arabic_mtl.text.presets import PRESETS
from arabic_mtl.text.steps import FOLDED, NFKC, REPLACED, STEPS, Rule


@dataclass(frozen=True)
class Cleaning:
    """Named steps, in the order in which they are done.

    Args:
        steps: Keys of `STEPS`.
    """

    steps: tuple[str, ...]

    @classmethod
    def of(cls, choice: str | Sequence[str]) -> Self:
        """The steps of a preset, or those that are listed.

        Raises:
            InputError: If the preset or a step does not exist.
        """
        names = PRESETS.get(choice) if isinstance(choice, str) else tuple(choice)
        unknown = [choice] if names is None else [n for n in names if n not in STEPS]
        if unknown or names is None:
            raise InputError(
                "data.text.cleaning is a preset or a list of steps",
                found=unknown,
                expected=f"one of {', '.join(PRESETS)}, or a list of some of {', '.join(STEPS)}",
            )
        return cls(names)

    @property
    def normalizer(self) -> normalizers.Normalizer:
        """The steps as a part of a tokenizer."""
        rules = [rule for step in self.steps for rule in STEPS[step]]
        return normalizers.Sequence(
            [
                normalizers.NFKC()
                if rule is NFKC
                else normalizers.Replace(Regex(rule.pattern), rule.replacement)
                for rule in rules
            ]
        )

    def fitted(self, tokenizer: Tokenizer) -> tuple[Self, dict[str, str]]:
        """The steps that serve a tokenizer, and why each of the others is left out.

        A step that writes one letter for another is needless if the tokenizer does so itself, and
        harmful if its vocabulary keeps the letters apart: if more than one word in a thousand is
        written with such a letter.
        """
        reasons = {step: _objection(step, tokenizer) for step in self.steps if step in FOLDED}
        left_out = {step: reason for step, reason in reasons.items() if reason is not None}
        return type(self)(tuple(step for step in self.steps if step not in left_out)), left_out

    def replaced(self, raw: str) -> list[tuple[int, int]]:
        """The raw places that become something else as a whole: tags, entities, links, mentions.

        They are in order and apart from each other.
        """
        places: list[tuple[int, int]] = []
        for pattern, rules in self._replacing:
            places += [match.span() for match in pattern.finditer(raw)]
            raw = pattern.sub(partial(_stand_in, rules), raw)
        outer: list[tuple[int, int]] = []
        for start, end in sorted(places, key=lambda place: (place[0], -place[1])):
            if not outer or start >= outer[-1][1]:
                outer.append((start, end))
        return outer

    @cached_property
    def _replacing(self) -> list[tuple[re.Pattern[str], tuple[Rule, ...]]]:
        steps = [STEPS[step] for step in self.steps if step in REPLACED]
        return [(re.compile("|".join(rule.pattern for rule in rules)), rules) for rules in steps]


def _stand_in(rules: Sequence[Rule], match: re.Match[str]) -> str:
    """What the next step finds in the place of a match, as long as the match."""
    rule = next(rule for rule in rules if re.fullmatch(rule.pattern, match.group()))
    return (rule.replacement or " ")[0] * len(match.group())


def _objection(step: str, tokenizer: Tokenizer) -> str | None:
    own = tokenizer.normalizer.normalize_str if tokenizer.normalizer else str
    letters = FOLDED[step]
    folded = Cleaning((step,)).normalizer.normalize_str(letters)
    if own(folded) == own(letters):
        return "the tokenizer does it itself"
    kept = {letter for letter in letters if letter in own(letter)}
    words = [t for t in tokenizer.get_vocab() if len(t.removeprefix("##")) > 1]
    known = sum(not kept.isdisjoint(word) for word in words)
    if known <= len(words) / 1000:
        return None
    return f"{known} tokens of the vocabulary are written with such letters"
