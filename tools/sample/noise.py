"""Spelling and decoration: how one reviewer's typing differs from the grammar's clean Arabic."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tools.sample.grammar import Habits
from tools.sample.segments import Segment

_WORD = re.compile(r"[\u0621-\u063a\u0641-\u0652]+")
_LAST_LONG_VOWEL = re.compile(r"[اوي](?!.*[اوي])")
# A letter that joins its successor; ل before an alif stays out, as the two form a ligature.
_JOINED = re.compile(r"(?:[بتثجحخسشصضطظعغفقكمنهيئ](?=[آ-ي])|ل(?=[ب-ي]))")
_TANWEEN = "\u064b"
_BARE_ALIF = str.maketrans("أإآ", "ااا")
_INDIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")

_HABITS = {"plain": 48, "tashkeel": 12, "tatweel": 16, "elongation": 24}
_RATES = {"plain": 0.0, "tashkeel": 0.6, "tatweel": 0.15, "elongation": 0.9}


@dataclass(frozen=True)
class Style:
    """The typing habits of one reviewer, constant throughout a review."""

    dialect: bool
    drops_hamza: bool
    drops_tanween: bool
    plain_ta_marbuta: bool
    indic_digits: bool
    emoji: bool
    habit: str

    @classmethod
    def draw(cls, rng: random.Random) -> Style:
        """Invents a reviewer."""
        return cls(
            dialect=rng.random() < 0.35,
            drops_hamza=rng.random() < 0.2,
            drops_tanween=rng.random() < 0.45,
            plain_ta_marbuta=rng.random() < 0.07,
            indic_digits=rng.random() < 0.3,
            emoji=rng.random() < 0.3,
            habit=rng.choices(list(_HABITS), list(_HABITS.values()))[0],
        )


@dataclass(frozen=True)
class Typist:
    """Applies a style to segments, which keep their labels."""

    style: Style
    habits: Habits
    rng: random.Random

    def type(self, segment: Segment) -> Segment:
        """Respells the text of a segment."""
        text = _WORD.sub(lambda match: self._spell(self._decorate(match[0])), segment.text)
        if self.style.indic_digits:
            text = text.translate(_INDIC_DIGITS)
        return replace(segment, text=text)

    def end(self, segments: Sequence[Segment]) -> list[Segment]:
        """Adds the closing punctuation and perhaps an emoji, before or after the sentence."""
        if segments[-1].text.endswith("؟"):
            return list(segments)
        closing = self.rng.choices([".", "", "!", "..", " ."], [55, 20, 10, 8, 7])[0]
        closed = [*segments, Segment(closing)]
        moods = {segment.label.polarity for segment in segments if segment.label}
        if not self.style.emoji or len(moods) != 1 or self.rng.random() < 0.5:
            return closed
        emoji = self.rng.choice(self.habits.emoji[moods.pop()])
        if self.rng.random() < 0.25:
            return [Segment(f"{emoji} "), *closed]
        return [*closed, Segment(f" {emoji}" * self.rng.choice([1, 1, 2]))]

    def _decorate(self, word: str) -> str:
        if self.rng.random() >= _RATES[self.style.habit]:
            return word
        match self.style.habit:
            case "tashkeel":
                return self.habits.vocalised.get(word, word)
            case "tatweel" if len(word) >= 4:
                return self._stretch(word)
            case "elongation" if word in self.habits.elongated:
                plain = word.replace(_TANWEEN, "")
                return _LAST_LONG_VOWEL.sub(lambda vowel: vowel[0] * self.rng.randint(3, 6), plain)
        return word

    def _stretch(self, word: str) -> str:
        joints = [match.end() for match in _JOINED.finditer(word)]
        if not joints:
            return word
        cut = self.rng.choice(joints)
        return word[:cut] + "ـ" * self.rng.randint(1, 4) + word[cut:]

    def _spell(self, word: str) -> str:
        if self.style.drops_tanween:
            word = word.replace(_TANWEEN, "")
        if self.style.drops_hamza:
            word = word.translate(_BARE_ALIF)
        if self.style.plain_ta_marbuta and word.endswith("ة"):
            word = word[:-1] + "ه"
        return word
