"""The terminal: consoles of one width, progress bars and lines of facts."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import track

_WIDTH = 120  # in a pipe or a log: wide enough for every table

_T = TypeVar("_T")


def console(**options: Any) -> Console:
    """Returns a console as wide as the terminal; in a pipe or a log, as wide as the tables.

    Args:
        options: Of rich's `Console`.
    """
    return Console(width=None if Console().is_terminal else _WIDTH, **options)


def plain_console(*, stderr: bool = False) -> Console:
    """Returns a console that prints words as they are and does not break lines."""
    plain: dict[str, Any] = dict.fromkeys(("markup", "highlight", "emoji"), False)
    return console(stderr=stderr, soft_wrap=True, **plain)


def progress(items: Iterable[_T], title: str) -> Iterable[_T]:
    """Passes items on one by one; shows on a terminal how many are done.

    Args:
        items: Where their number is not known, the bar only moves.
        title: What the bar is called.
    """
    shown = Console(stderr=True)
    return track(items, title, console=shown, transient=True, disable=not shown.is_terminal)


def print_facts(facts: Mapping[str, str]) -> None:
    """Prints names and facts in two columns."""
    shown = plain_console()
    for name, fact in facts.items():
        shown.print(f"{name:<12} {fact}")
