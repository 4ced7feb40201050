"""Lightning callbacks: checkpoints, early stopping, TensorBoard pages, seeds and notices."""

from arabic_mtl.callbacks.checkpoints import (
    BestCheckpoint,
    DurableCheckpoints,
    LastCheckpoint,
    TaskCheckpoint,
)
from arabic_mtl.callbacks.clock import Clock
from arabic_mtl.callbacks.dashboard.callback import Dashboard
from arabic_mtl.callbacks.early_stopping import StopWhenStalled
from arabic_mtl.callbacks.predictions import PredictionCollector, find_callback
from arabic_mtl.callbacks.progress import ProgressBar, TrainingNotices
from arabic_mtl.callbacks.run_folder import RunFolder
from arabic_mtl.callbacks.seeding import StepSeed

__all__ = [
    "BestCheckpoint",
    "Clock",
    "Dashboard",
    "DurableCheckpoints",
    "LastCheckpoint",
    "PredictionCollector",
    "ProgressBar",
    "RunFolder",
    "StepSeed",
    "StopWhenStalled",
    "TaskCheckpoint",
    "TrainingNotices",
    "find_callback",
]
