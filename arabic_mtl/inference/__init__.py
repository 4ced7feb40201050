"""Models in use: raw texts in, annotations out. Needs no torch until a torch model is loaded."""

from arabic_mtl.inference.annotator import Annotator
from arabic_mtl.inference.load import load

__all__ = ["Annotator", "load"]
