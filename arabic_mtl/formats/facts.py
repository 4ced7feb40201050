"""The annotation layers of a format, and guessed options for reading a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layers:
    """The annotation layers that the examples of a format have.

    Args:
        labels: The names of the layers in `Example.labels`.
        spans: The names of the layers in `Example.spans`.
    """

    labels: frozenset[str] = frozenset()
    spans: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Guess:
    """Guessed options for reading a file.

    Args:
        options: Keyword arguments of the format's constructor.
        certainty: The certainty that the file has this format, from 0 to 1.
        doubts: A short sentence about each option that may be wrong.
    """

    options: Mapping[str, object]
    certainty: float
    doubts: Sequence[str] = ()
