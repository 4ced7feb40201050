"""Inference with trained models on raw text; torch is imported only with a torch model."""

from arabic_mtl.inference.annotator import Annotator
from arabic_mtl.inference.load import load

__all__ = ["Annotator", "load"]
