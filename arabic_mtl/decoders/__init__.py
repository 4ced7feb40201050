"""Decoders from logits to predictions (labels, spans, values), without torch."""

from arabic_mtl.decoders.base import (
    UNKNOWN,
    Arrays,
    Decoder,
    LabelDecoder,
    Queries,
    SourcePrediction,
    SpanQuery,
)
from arabic_mtl.decoders.category import category_of
from arabic_mtl.decoders.decode import Ask, decode_all
from arabic_mtl.decoders.multilabel import MultiLabelDecoder
from arabic_mtl.decoders.roles import LAYERS, role_of, roles_of
from arabic_mtl.decoders.sequence import SequenceDecoder
from arabic_mtl.decoders.span import SpanCondition, SpanDecoder
from arabic_mtl.decoders.token import TokenDecoder

__all__ = [
    "LAYERS",
    "UNKNOWN",
    "Arrays",
    "Ask",
    "Decoder",
    "LabelDecoder",
    "MultiLabelDecoder",
    "Queries",
    "SequenceDecoder",
    "SourcePrediction",
    "SpanCondition",
    "SpanDecoder",
    "SpanQuery",
    "TokenDecoder",
    "category_of",
    "decode_all",
    "role_of",
    "roles_of",
]
