"""What happens beside the training loop."""

from arabic_mtl.callbacks.checkpoints import BestCheckpoint, LastCheckpoint
from arabic_mtl.callbacks.dashboard import Dashboard
from arabic_mtl.callbacks.durable import DurableCheckpoints
from arabic_mtl.callbacks.early_stop import StopWhenStalled
from arabic_mtl.callbacks.predictions import PredictionWriter
from arabic_mtl.callbacks.progress import ProgressBar
from arabic_mtl.callbacks.run_folder import RunFolder
from arabic_mtl.callbacks.seeding import StepSeed

__all__ = [
    "BestCheckpoint",
    "Dashboard",
    "DurableCheckpoints",
    "LastCheckpoint",
    "PredictionWriter",
    "ProgressBar",
    "RunFolder",
    "StepSeed",
    "StopWhenStalled",
]
