"""How bytes become examples: one file, one class per format."""

from arabic_mtl.corpora.base import Corpus, Split
from arabic_mtl.corpora.semeval2016 import SemEval2016

__all__ = ["Corpus", "SemEval2016", "Split"]
