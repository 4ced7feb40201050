"""What happens beside the training loop."""

from arabic_mtl.callbacks.last_checkpoint import DurableCheckpoints, LastCheckpoint
from arabic_mtl.callbacks.predictions import PredictionWriter
from arabic_mtl.callbacks.progress import ProgressBar
from arabic_mtl.callbacks.run_folder import RunFolder
from arabic_mtl.callbacks.seeding import StepSeed

__all__ = [
    "DurableCheckpoints",
    "LastCheckpoint",
    "PredictionWriter",
    "ProgressBar",
    "RunFolder",
    "StepSeed",
]
