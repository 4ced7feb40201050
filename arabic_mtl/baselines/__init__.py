"""Baselines for every network: the most common label, and linear models."""
