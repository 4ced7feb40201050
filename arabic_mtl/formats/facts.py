"""Facts about a format: the layers that it fills, and the options that a file seems to need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers that a format fills.

    Args:
        labels: Those of `Example.labels`.
        spans: Those of `Example.spans`.
    """

    labels: frozenset[str] = frozenset()
    spans: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Guess:
    """The options that a file seems to need.

    Args:
        options: Of the format's constructor.
        certainty: From 0 to 1.
        doubts: A short sentence for each option that may be wrong.
    """

    options: Mapping[str, object]
    certainty: float
    doubts: Sequence[str] = ()
