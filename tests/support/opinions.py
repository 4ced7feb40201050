"""Builders of opinions, strategies for them, and reference implementations of the slot scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from arabic_mtl.documents import NULL, Opinion

Texts = Sequence[tuple[Sequence[Opinion], Sequence[Opinion]]]
"""The predicted and the gold opinions of each text."""


def opinion(category: str, start: int = 0, end: int = 0, polarity: str = "positive") -> Opinion:
    """Returns an opinion; its target is NULL without offsets."""
    return Opinion(NULL if start == end else "كلمة", category, polarity, start, end)


some_opinions = st.builds(
    opinion,
    st.sampled_from(["A#X", "A#Y", "B#X"]),
    st.just(0),
    st.integers(0, 3),
    st.sampled_from(["positive", "negative", "neutral"]),
)
texts = st.lists(
    st.tuples(st.lists(some_opinions, max_size=6), st.lists(some_opinions, max_size=6)), max_size=5
)
"""Few different opinions, so that matches and duplicates are frequent."""


def f1_by_hand(texts: Texts, key: Callable[[Opinion], object]) -> float:
    """Returns the F1 of the sets of (text, key); opinions with the key None are ignored."""
    sides: list[list[object]] = [[], []]
    for number, text_opinions in enumerate(texts):
        for side, opinions in zip(sides, text_opinions, strict=True):
            for item in opinions:
                name = (number, key(item))
                if name[1] is not None and name not in side:
                    side.append(name)
    predicted, gold = sides
    hits = sum(name in gold for name in predicted)
    precision, recall = hits / max(len(predicted), 1), hits / max(len(gold), 1)
    return 2 * precision * recall / (precision + recall) if hits else 0.0


def confusion_by_hand(texts: Texts) -> Counter[tuple[str, str | None]]:
    """Counts pairs of gold and predicted polarity, by a search from the front of the lists."""
    pairs: Counter[tuple[str, str | None]] = Counter()
    for predicted, gold in texts:
        for position, item in enumerate(gold):
            same = [o.polarity for o in predicted if aspect(o) == aspect(item)]
            turn = sum(aspect(earlier) == aspect(item) for earlier in gold[:position])
            pairs[item.polarity, same[min(turn, len(same) - 1)] if same else None] += 1
    return pairs


def aspect(item: Opinion) -> tuple[str, int, int]:
    return item.category, item.start, item.end
