"""Scores of predictions against gold annotations: spans, labels, opinions, in plain Python.

Opinions are scored as in SemEval-2016 Task 5, the layers of examples by `LayerComparison`.

This package does not import torch, so that a command that only scores files starts at once.

>>> from arabic_mtl.documents import Opinion
>>> gold = [Opinion("الغرفة", "ROOMS#GENERAL", "positive", 0, 6)]
>>> predicted = [Opinion("الغرفة", "ROOMS#COMFORT", "positive", 0, 6)]
>>> slot_overlap("slot1", predicted, gold).f1, slot_overlap("slot2", predicted, gold).f1
(0.0, 1.0)
"""

from arabic_mtl.scoring.counts import LabelCounts
from arabic_mtl.scoring.entities import EntityCounts
from arabic_mtl.scoring.labels import TextLabelCounts
from arabic_mtl.scoring.layers import Kind, Layer, LayerComparison, LayerCounts
from arabic_mtl.scoring.overlap import Overlap, overlap
from arabic_mtl.scoring.pairs import ExamplePair, pair_examples, require_same_text
from arabic_mtl.scoring.polarity import (
    POLARITIES,
    Verdict,
    accuracies,
    judge,
    polarity_overlaps,
    polarity_scores,
)
from arabic_mtl.scoring.slices import length_slice, lengths_order
from arabic_mtl.scoring.slots import SLOTS, Slot, slot_overlap

__all__ = [
    "POLARITIES",
    "SLOTS",
    "EntityCounts",
    "ExamplePair",
    "Kind",
    "LabelCounts",
    "Layer",
    "LayerComparison",
    "LayerCounts",
    "Overlap",
    "Slot",
    "TextLabelCounts",
    "Verdict",
    "accuracies",
    "judge",
    "length_slice",
    "lengths_order",
    "overlap",
    "pair_examples",
    "polarity_overlaps",
    "polarity_scores",
    "require_same_text",
    "slot_overlap",
]
