"""Raw text to token ids that know their raw characters."""

from arabic_mtl.text.encoding import Encoding
from arabic_mtl.text.pipeline import TextPipeline
from arabic_mtl.text.settings import TextSettings

__all__ = ["Encoding", "TextPipeline", "TextSettings"]
