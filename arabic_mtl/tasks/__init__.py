"""What labels mean to a model: one file, one class per kind of task."""

from arabic_mtl.model.heads import Logits
from arabic_mtl.tasks.base import Task
from arabic_mtl.tasks.multilabel import MultiLabelClassification
from arabic_mtl.tasks.sequence import SequenceClassification
from arabic_mtl.tasks.span import SpanClassification
from arabic_mtl.tasks.token import TokenClassification

__all__ = [
    "Logits",
    "MultiLabelClassification",
    "SequenceClassification",
    "SpanClassification",
    "Task",
    "TokenClassification",
]
