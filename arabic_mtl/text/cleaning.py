"""Cleaning as a normalizer inside the tokenizer, so that offsets still count raw characters."""

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
    """A sequence of named cleaning steps.

    Args:
        steps: Keys of `STEPS`, in the order in which they are applied.
    """

    steps: tuple[str, ...]

    @classmethod
    def from_choice(cls, choice: str | Sequence[str]) -> Self:
        """Creates the cleaning from the name of a preset or from a list of steps.

        Raises:
            InputError: If the preset or a step does not exist.
        """
        names = PRESETS.get(choice) if isinstance(choice, str) else tuple(choice)
        unknown = [choice] if names is None else [name for name in names if name not in STEPS]
        if unknown or names is None:
            raise InputError(
                "`data.text.cleaning` must be a preset or a list of steps",
                found=unknown,
                expected=f"one of {', '.join(PRESETS)}, or a list of some of {', '.join(STEPS)}",
            )
        return cls(names)

    @property
    def normalizer(self) -> normalizers.Normalizer:
        """Returns the steps as a normalizer of a tokenizer."""
        rules = [rule for step in self.steps for rule in STEPS[step]]
        return normalizers.Sequence(
            [
                normalizers.NFKC()
                if rule is NFKC
                else normalizers.Replace(Regex(rule.pattern), rule.replacement)
                for rule in rules
            ]
        )

    def fit(self, tokenizer: Tokenizer) -> tuple[Self, dict[str, str]]:
        """Leaves out the steps that do not suit a pretrained tokenizer.

        A step that replaces letters by others is redundant if the tokenizer does so itself. It is
        harmful if the vocabulary distinguishes the letters, that is, if more than one word in a
        thousand contains one of the letters that the step removes.

        Returns:
            The remaining steps, and the omitted steps with the reason for each.
        """
        reasons = {step: _objection(step, tokenizer) for step in self.steps if step in FOLDED}
        left_out = {step: reason for step, reason in reasons.items() if reason is not None}
        return type(self)(tuple(step for step in self.steps if step not in left_out)), left_out

    def replaced_ranges(self, raw: str) -> list[tuple[int, int]]:
        """Finds the raw ranges that cleaning replaces as a whole: tags, entities, links, mentions.

        Returns:
            The ranges (start, end) in order, without overlaps.
        """
        ranges: list[tuple[int, int]] = []
        for pattern, rules in self._replacement_patterns:
            ranges += [match.span() for match in pattern.finditer(raw)]
            raw = pattern.sub(partial(_filler, rules), raw)
        outer: list[tuple[int, int]] = []
        for start, end in sorted(ranges, key=lambda span: (span[0], -span[1])):
            if not outer or start >= outer[-1][1]:
                outer.append((start, end))
        return outer

    @cached_property
    def _replacement_patterns(self) -> list[tuple[re.Pattern[str], tuple[Rule, ...]]]:
        steps = [STEPS[step] for step in self.steps if step in REPLACED]
        return [(re.compile("|".join(rule.pattern for rule in rules)), rules) for rules in steps]


def _filler(rules: Sequence[Rule], match: re.Match[str]) -> str:
    """Returns a text of the match's length that the next steps treat like its replacement."""
    rule = next(rule for rule in rules if re.fullmatch(rule.pattern, match.group()))
    return (rule.replacement or " ")[0] * len(match.group())


def _objection(step: str, tokenizer: Tokenizer) -> str | None:
    """Returns the reason why a step does not suit a tokenizer; None if it does."""
    own = tokenizer.normalizer.normalize_str if tokenizer.normalizer else str
    letters = FOLDED[step]
    folded = Cleaning((step,)).normalizer.normalize_str(letters)
    if own(folded) == own(letters):
        return "the tokenizer already does this"
    kept = {letter for letter in letters if letter in own(letter)}
    words = [token for token in tokenizer.get_vocab() if len(token.removeprefix("##")) > 1]
    count = sum(not kept.isdisjoint(word) for word in words)
    if count <= len(words) / 1000:
        return None
    return f"{count} tokens of the vocabulary contain such letters"
