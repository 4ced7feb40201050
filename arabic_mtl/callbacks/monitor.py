"""Which way a metric gets better."""

from typing import Literal


def better(metric: str) -> Literal["min", "max"]:
    """Losses go down, all other metrics go up.

    >>> better("val/ner/loss"), better("val/ner/f1")
    ('min', 'max')
    """
    return "min" if metric.split("/")[-1] == "loss" else "max"
