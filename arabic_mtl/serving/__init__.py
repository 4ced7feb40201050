"""An HTTP service for a model: a JSON API and a demo page. It needs the extra ``serve``."""

from arabic_mtl.serving.application import application
from arabic_mtl.serving.limits import Limits
from arabic_mtl.serving.server import serve

__all__ = ["Limits", "application", "serve"]
