"""Kinds of tasks: targets, loss and metrics, with one file and one class per kind."""

from arabic_mtl.model.heads import Logits
from arabic_mtl.tasks.base import LabelPair, Task
from arabic_mtl.tasks.labels import LabelTask
from arabic_mtl.tasks.multilabel import MultiLabelClassification
from arabic_mtl.tasks.sequence import SequenceClassification
from arabic_mtl.tasks.span import SpanClassification
from arabic_mtl.tasks.token import TokenClassification

__all__ = [
    "LabelPair",
    "LabelTask",
    "Logits",
    "MultiLabelClassification",
    "SequenceClassification",
    "SpanClassification",
    "Task",
    "TokenClassification",
]
