"""Baselines for every model: the majority baseline and the linear baseline."""
