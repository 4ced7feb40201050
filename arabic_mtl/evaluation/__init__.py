"""What systems say of labelled texts, beside what is right."""

from arabic_mtl.evaluation.answer import Answer, read_answers, write_answers
from arabic_mtl.evaluation.evaluate import System, evaluate

__all__ = ["Answer", "System", "evaluate", "read_answers", "write_answers"]
