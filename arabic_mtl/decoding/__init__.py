"""What logits say: labels, and pieces of texts. Needs no torch."""

from arabic_mtl.decoding.base import Arrays, Decoder
from arabic_mtl.decoding.decode import Heads, decode
from arabic_mtl.decoding.given import UNKNOWN, Given
from arabic_mtl.decoding.roles import LAYERS, role_of, roles_of
from arabic_mtl.decoding.spans import SpanDecoder, SpanPlace, Spans
from arabic_mtl.decoding.tags import TagDecoder
from arabic_mtl.decoding.texts import LabelDecoder, LabelsDecoder

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
