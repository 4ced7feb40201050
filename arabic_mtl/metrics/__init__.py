"""Metrics that torchmetrics does not have."""

from arabic_mtl.metrics.absa import PolarityScores, SlotF1
from arabic_mtl.metrics.spans import SpanF1

__all__ = ["PolarityScores", "SlotF1", "SpanF1"]
