"""Heads from hidden states to logits: one file and one class per kind of head."""

from arabic_mtl.model.heads.base import Head, Logits
from arabic_mtl.model.heads.multilabel import MultiLabelHead
from arabic_mtl.model.heads.sequence import TEXT_HEADS, FirstTokenHead, Pooling, SequenceHead
from arabic_mtl.model.heads.span import SpanHead, span_targets
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
    "span_targets",
    "split_outputs",
]
