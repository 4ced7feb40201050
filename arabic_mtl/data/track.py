"""Progress of slow work, as the command line shows it."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

_T = TypeVar("_T")


class Track(Protocol):
    """A function that yields items unchanged and shows progress."""

    def __call__(self, items: Iterable[_T], title: str) -> Iterable[_T]:
        """Returns the items.

        Args:
            items: The items to process.
            title: The name of the work, to show.
        """
        ...


def untracked(items: Iterable[_T], title: str) -> Iterable[_T]:
    """Returns the items, without showing progress."""
    return items
