"""What all processes have, in one list."""

from itertools import chain
from typing import Any, TypeVar

from torch import distributed

T = TypeVar("T")


def gather(own: list[T], world_size: int) -> list[T]:
    """The items of all processes, in the order of their ranks; to be called by all.

    Args:
        own: Those of this process.
        world_size: How many processes there are.
    """
    if world_size == 1:
        return own
    everyone: list[Any] = [None] * world_size
    distributed.all_gather_object(everyone, own)
    return list(chain.from_iterable(everyone))
