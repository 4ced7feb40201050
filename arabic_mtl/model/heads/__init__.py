"""From hidden states to logits: one file, one class per kind of head."""

from arabic_mtl.model.heads.base import Head, Logits, named
from arabic_mtl.model.heads.multilabel import LabelHead, Labelling
from arabic_mtl.model.heads.sequence import TEXT_HEADS, FirstTokenHead, Pooling, TextHead
from arabic_mtl.model.heads.span import SpanHead, of_spans
from arabic_mtl.model.heads.token import Tagging, TokenHead

__all__ = [
    "TEXT_HEADS",
    "FirstTokenHead",
    "Head",
    "LabelHead",
    "Labelling",
    "Logits",
    "Pooling",
    "SpanHead",
    "Tagging",
    "TextHead",
    "TokenHead",
    "named",
    "of_spans",
]
