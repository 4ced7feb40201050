"""The LightningModule and its optimiser."""

from arabic_mtl.model.module import MultiTaskModule
from arabic_mtl.model.prediction import Prediction

__all__ = ["MultiTaskModule", "Prediction"]
