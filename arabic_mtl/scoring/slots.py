"""Slots 1, 2 and 1+2 of SemEval-2016 Task 5 (Pontiki et al., 2016): F1 over sets per text.

A text is a sentence in SB1 and a review in SB2. The same thing said twice of a text counts once.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from arabic_mtl.documents import Opinion
from arabic_mtl.scoring.overlap import Overlap, overlap

Slot = Literal["slot1", "slot2", "slot12"]


def categories(opinions: Iterable[Opinion]) -> set[str]:
    """Slot 1: the aspects E#A that a text speaks of, with a target or without."""
    return {opinion.category for opinion in opinions}


def targets(opinions: Iterable[Opinion]) -> set[tuple[int, int]]:
    """Slot 2: the pieces of the text that opinions are about; NULL is none."""
    return {(opinion.start, opinion.end) for opinion in opinions if not opinion.is_null}


def aspects(opinions: Iterable[Opinion]) -> set[tuple[str, int, int]]:
    """Slot 1+2: each category with its target; NULL is the target (0, 0)."""
    return {(opinion.category, opinion.start, opinion.end) for opinion in opinions}


SLOTS: dict[Slot, Callable[[Iterable[Opinion]], set[Any]]] = {
    "slot1": categories,
    "slot2": targets,
    "slot12": aspects,
}
"""Slot to what it counts in the opinions of a text."""


def slot_overlap(slot: Slot, found: Iterable[Opinion], gold: Iterable[Opinion]) -> Overlap:
    """Compares the opinions of one text.

    Args:
        slot: Which to count.
        found: What a system says.
        gold: What is right.
    """
    return overlap(SLOTS[slot](found), SLOTS[slot](gold))
