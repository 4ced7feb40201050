"""Tokenization of raw text: token ids with raw character offsets."""

from arabic_mtl.text.encoding import Encoding
from arabic_mtl.text.pipeline import TextPipeline
from arabic_mtl.text.settings import TextSettings

__all__ = ["Encoding", "TextPipeline", "TextSettings"]
