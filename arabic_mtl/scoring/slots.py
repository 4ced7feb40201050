"""Slots 1, 2 and 1+2 of SemEval-2016 Task 5 (Pontiki et al., 2016): F1 over sets per text.

A text is a sentence in SB1 and a review in SB2. Duplicates within a text count once.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from arabic_mtl.documents import Opinion
from arabic_mtl.scoring.overlap import Overlap, overlap

Slot = Literal["slot1", "slot2", "slot12"]


def categories(opinions: Iterable[Opinion]) -> set[str]:
    """Returns the items of slot 1: categories E#A, with or without a target in the text."""
    return {opinion.category for opinion in opinions}


def targets(opinions: Iterable[Opinion]) -> set[tuple[int, int]]:
    """Returns the items of slot 2: the offsets of targets; opinions without a target have none."""
    return {(opinion.start, opinion.end) for opinion in opinions if not opinion.is_null}


def aspects(opinions: Iterable[Opinion]) -> set[tuple[str, int, int]]:
    """Returns the items of slot 1+2: categories with the offsets of the target, (0, 0) for NULL."""
    return {(opinion.category, opinion.start, opinion.end) for opinion in opinions}


SLOTS: dict[Slot, Callable[[Iterable[Opinion]], set[Any]]] = {
    "slot1": categories,
    "slot2": targets,
    "slot12": aspects,
}
"""Slot to the function that returns the items to compare from the opinions of a text."""


def slot_overlap(slot: Slot, predicted: Iterable[Opinion], gold: Iterable[Opinion]) -> Overlap:
    """Counts the correct, predicted and gold items of one text.

    Args:
        slot: The slot, which decides what an item is.
        predicted: The predicted opinions.
        gold: The gold opinions.
    """
    return overlap(SLOTS[slot](predicted), SLOTS[slot](gold))
