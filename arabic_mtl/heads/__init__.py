"""From hidden states to logits: one file, one class per kind of head."""

from arabic_mtl.heads.base import Head, Logits, Targets, named
from arabic_mtl.heads.labelling import LabelHead, Labelling
from arabic_mtl.heads.span import SpanHead, of_spans
from arabic_mtl.heads.tagging import Tagging, TokenHead
from arabic_mtl.heads.text import TEXT_HEADS, FirstTokenHead, Pooling, TextHead

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
    "Targets",
    "TextHead",
    "TokenHead",
    "named",
    "of_spans",
]
