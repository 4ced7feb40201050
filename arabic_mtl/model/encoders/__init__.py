"""Encoders: the part of the model that all tasks share."""

from arabic_mtl.model.encoders.base import Encoder, EncoderNetwork
from arabic_mtl.model.encoders.transformer import TransformerEncoder
from arabic_mtl.model.encoders.word import WordEncoder

__all__ = ["Encoder", "EncoderNetwork", "TransformerEncoder", "WordEncoder"]
