"""The part of the model that all tasks share."""

from arabic_mtl.encoders.base import Encoder, EncoderNetwork
from arabic_mtl.encoders.transformer import TransformerEncoder
from arabic_mtl.encoders.word import WordEncoder

__all__ = ["Encoder", "EncoderNetwork", "TransformerEncoder", "WordEncoder"]
