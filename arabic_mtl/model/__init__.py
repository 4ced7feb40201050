"""The LightningModule and its optimiser."""

from arabic_mtl.model.module import MultiTaskModule, Prediction

__all__ = ["MultiTaskModule", "Prediction"]
