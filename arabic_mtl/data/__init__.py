"""From corpora to batches: cache, sampling plan and the LightningDataModule."""

from arabic_mtl.data.datamodule import MultiTaskData
from arabic_mtl.data.plan import SamplingPlan

__all__ = ["MultiTaskData", "SamplingPlan"]
