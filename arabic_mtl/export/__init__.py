"""Models for use elsewhere: one folder for this package, and what others can read of it."""

from arabic_mtl.export.folder import Opened, Outcome, open_model, write_model

__all__ = ["Opened", "Outcome", "open_model", "write_model"]
