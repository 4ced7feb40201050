"""Training of multi-task models: the LightningModule, its optimizer and loss balancing."""

from arabic_mtl.training.data import TrainingData, training_data
from arabic_mtl.training.module import MultiTaskModule

__all__ = ["MultiTaskModule", "TrainingData", "training_data"]
