"""Balancing: ways to combine the losses of several tasks."""

from arabic_mtl.training.balancing.base import Balancer, Balancing, Losses
from arabic_mtl.training.balancing.fixed import FixedWeights
from arabic_mtl.training.balancing.gradients import GradientBalancing
from arabic_mtl.training.balancing.uncertainty import UncertaintyWeights

__all__ = [
    "Balancer",
    "Balancing",
    "FixedWeights",
    "GradientBalancing",
    "Losses",
    "UncertaintyWeights",
]
