"""Opinions in a few words, random ones, and the rules of the slots written another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from arabic_mtl.documents import NULL, Opinion

Texts = Sequence[tuple[Sequence[Opinion], Sequence[Opinion]]]
"""Per text: what is found, and what is right."""


def opinion(category: str, start: int = 0, end: int = 0, polarity: str = "positive") -> Opinion:
    """An opinion; without a place, one on NULL."""
    return Opinion(NULL if start == end else "كلمة", category, polarity, start, end)


few = st.builds(
    opinion,
    st.sampled_from(["A#X", "A#Y", "B#X"]),
    st.just(0),
    st.integers(0, 3),
    st.sampled_from(["positive", "negative", "neutral"]),
)
texts = st.lists(st.tuples(st.lists(few, max_size=6), st.lists(few, max_size=6)), max_size=5)
"""So few kinds of opinion that they often agree, and often come twice."""


def f1_by_hand(texts: Texts, key: Callable[[Opinion], object]) -> float:
    """F1 from one list of (text, key) for each side; a key of None is left out."""
    sides: list[list[object]] = [[], []]
    for number, of_text in enumerate(texts):
        for side, opinions in zip(sides, of_text, strict=True):
            for given in opinions:
                name = (number, key(given))
                if name[1] is not None and name not in side:
                    side.append(name)
    found, gold = sides
    hits = sum(name in gold for name in found)
    precision, recall = hits / max(len(found), 1), hits / max(len(gold), 1)
    return 2 * precision * recall / (precision + recall) if hits else 0.0


def confusion_by_hand(texts: Texts) -> Counter[tuple[str, str | None]]:
    """Gold polarity and the system's, opinion by opinion, by searching its list from the front."""
    pairs: Counter[tuple[str, str | None]] = Counter()
    for found, gold in texts:
        for place, right in enumerate(gold):
            same = [o.polarity for o in found if aspect(o) == aspect(right)]
            turn = sum(aspect(before) == aspect(right) for before in gold[:place])
            pairs[right.polarity, same[min(turn, len(same) - 1)] if same else None] += 1
    return pairs


def aspect(given: Opinion) -> tuple[str, int, int]:
    return given.category, given.start, given.end
