"""From hidden states to logits: one file, one class per kind of head."""

from arabic_mtl.model.heads.base import Head, Logits
from arabic_mtl.model.heads.multilabel import MultiLabelHead
from arabic_mtl.model.heads.sequence import TEXT_HEADS, FirstTokenHead, Pooling, SequenceHead
from arabic_mtl.model.heads.span import SpanHead, of_spans
from arabic_mtl.model.heads.token import TokenHead, split_outputs

__all__ = [
    "TEXT_HEADS",
    "FirstTokenHead",
    "Head",
    "Logits",
    "MultiLabelHead",
    "Pooling",
    "SequenceHead",
    "SpanHead",
    "TokenHead",
    "of_spans",
    "split_outputs",
]
