"""Metrics that torchmetrics does not have."""

from arabic_mtl.metrics.spans import SpanF1

__all__ = ["SpanF1"]
