"""What systems say of labelled texts, beside what is right."""

from arabic_mtl.evaluation.answer import Answer, read_answers, write_answers
from arabic_mtl.evaluation.classes import class_scores
from arabic_mtl.evaluation.evaluate import LogitsSource, evaluate, score
from arabic_mtl.evaluation.slots import gold_opinions, left_out, slot_scores

__all__ = [
    "Answer",
    "LogitsSource",
    "class_scores",
    "evaluate",
    "gold_opinions",
    "left_out",
    "read_answers",
    "score",
    "slot_scores",
    "write_answers",
]
