"""CoNLL files: a word per line, with its tags in columns."""

from arabic_mtl.formats.conll.conll import Conll
from arabic_mtl.formats.conll.writer import ConllWriter

__all__ = ["Conll", "ConllWriter"]
