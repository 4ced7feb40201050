"""The scores of SemEval-2016 Task 5: predicted opinions against gold ones, in plain Python.

This package does not import torch, so that a command that only scores files starts at once.

>>> from arabic_mtl.documents import Opinion
>>> gold = [Opinion("الغرفة", "ROOMS#GENERAL", "positive", 0, 6)]
>>> predicted = [Opinion("الغرفة", "ROOMS#COMFORT", "positive", 0, 6)]
>>> slot_overlap("slot1", predicted, gold).f1, slot_overlap("slot2", predicted, gold).f1
(0.0, 1.0)
"""

from arabic_mtl.scoring.overlap import Overlap, overlap
from arabic_mtl.scoring.polarity import (
    POLARITIES,
    Verdict,
    accuracies,
    judge,
    polarity_overlaps,
    polarity_scores,
)
from arabic_mtl.scoring.slots import SLOTS, Slot, slot_overlap

__all__ = [
    "POLARITIES",
    "SLOTS",
    "Overlap",
    "Slot",
    "Verdict",
    "accuracies",
    "judge",
    "overlap",
    "polarity_overlaps",
    "polarity_scores",
    "slot_overlap",
]
