"""The LightningModule and its optimiser."""

from arabic_mtl.model.module import MultiTaskModule

__all__ = ["MultiTaskModule"]
