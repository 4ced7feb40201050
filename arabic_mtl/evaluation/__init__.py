"""Evaluation: predictions next to gold labels, their scores, and comparisons of systems."""

from arabic_mtl.evaluation.classes import class_scores
from arabic_mtl.evaluation.evaluate import LogitsSource, evaluate, score
from arabic_mtl.evaluation.predicted import PredictedExample, read_predictions, write_predictions
from arabic_mtl.evaluation.slots import gold_opinions, skipped_slots, slot_scores

__all__ = [
    "LogitsSource",
    "PredictedExample",
    "class_scores",
    "evaluate",
    "gold_opinions",
    "read_predictions",
    "score",
    "skipped_slots",
    "slot_scores",
    "write_predictions",
]
