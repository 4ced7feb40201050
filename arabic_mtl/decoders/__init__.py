"""What logits say: labels, and pieces of texts. Needs no torch."""

from arabic_mtl.decoders.base import Arrays, Decoder
from arabic_mtl.decoders.decode import Heads, decode
from arabic_mtl.decoders.multilabel import LabelsDecoder
from arabic_mtl.decoders.roles import LAYERS, role_of, roles_of
from arabic_mtl.decoders.sequence import LabelDecoder
from arabic_mtl.decoders.span import UNKNOWN, Given, SpanDecoder, SpanPlace, Spans
from arabic_mtl.decoders.token import TagDecoder

__all__ = [
    "LAYERS",
    "UNKNOWN",
    "Arrays",
    "Decoder",
    "Given",
    "Heads",
    "LabelDecoder",
    "LabelsDecoder",
    "SpanDecoder",
    "SpanPlace",
    "Spans",
    "TagDecoder",
    "decode",
    "role_of",
    "roles_of",
]
