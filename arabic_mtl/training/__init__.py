"""The LightningModule and its optimiser."""

from arabic_mtl.training.module import MultiTaskModule

__all__ = ["MultiTaskModule"]
