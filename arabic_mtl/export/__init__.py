"""Models for use elsewhere: one folder for this package, and what others can read of it."""

from arabic_mtl.export.folder import Opened, open_model, write_model
from arabic_mtl.export.outcome import Outcome

__all__ = ["Opened", "Outcome", "open_model", "write_model"]
