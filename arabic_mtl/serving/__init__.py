"""A model behind HTTP: JSON in and out, and a page to try it on. Needs the extra `serve`."""

from arabic_mtl.serving.application import application
from arabic_mtl.serving.limits import Limits
from arabic_mtl.serving.server import serve

__all__ = ["Limits", "application", "serve"]
