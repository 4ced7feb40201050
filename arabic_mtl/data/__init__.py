"""The data pipeline from corpora to batches: cache, sampling plan, LightningDataModule."""

from arabic_mtl.data.datamodule import MultiTaskData
from arabic_mtl.data.plan import SamplingPlan

__all__ = ["MultiTaskData", "SamplingPlan"]
