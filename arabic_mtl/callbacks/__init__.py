"""What happens beside the training loop."""

from arabic_mtl.callbacks.answers import AnswerCollector, the
from arabic_mtl.callbacks.checkpoints import (
    BestCheckpoint,
    DurableCheckpoints,
    LastCheckpoint,
    TaskCheckpoint,
)
from arabic_mtl.callbacks.clock import Clock
from arabic_mtl.callbacks.dashboard.callback import Dashboard
from arabic_mtl.callbacks.early_stopping import StopWhenStalled
from arabic_mtl.callbacks.progress import Notices, ProgressBar
from arabic_mtl.callbacks.run_folder import RunFolder
from arabic_mtl.callbacks.seeding import StepSeed

__all__ = [
    "AnswerCollector",
    "BestCheckpoint",
    "Clock",
    "Dashboard",
    "DurableCheckpoints",
    "LastCheckpoint",
    "Notices",
    "ProgressBar",
    "RunFolder",
    "StepSeed",
    "StopWhenStalled",
    "TaskCheckpoint",
    "the",
]
