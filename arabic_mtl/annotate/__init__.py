"""Models in use: raw texts in, annotations out. Needs no torch until a torch model is loaded."""

from arabic_mtl.annotate.annotator import Annotator
from arabic_mtl.annotate.load import load

__all__ = ["Annotator", "load"]
